"""`make release KEY=...`: everything that a release consists of, made from the last commit and signed, into dist/.

The same commit gives the same bytes, whoever builds it and wherever: it is built from what git keeps, in a folder of
its own, and each time in it is that of the commit. docs/releases.md tells how to make one and how to check one.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from parts import LOCK, parts
from signed import SUMS, sign, write_sums

ROOT = Path(__file__).parent.parent


class Refused(Exception):
    """This is not made into a release; the message says what to do."""


def main() -> None:
    """Make a release, or say in a line why not."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--key", type=Path, help="the publisher's SSH key; it never lies in the repository")
    options.add_argument("--trial", action="store_true", help="not to be published: no key, no date in the changelog")
    options.add_argument("--into", type=Path, default=ROOT / "dist")
    given = options.parse_args()
    try:
        refuse_unready(given.key, trial=given.trial)
        build(given.into)
        write_sums(given.into)
        if given.key:
            sign(given.into, given.key)
    except (Refused, subprocess.CalledProcessError) as why:
        sys.exit(f"no release: {why}")
    print((given.into / SUMS).read_text() + ("signed" if given.key else "NOT SIGNED: for trying it out, no more"))


def refuse_unready(key: Path | None, *, trial: bool) -> None:
    """Raise `Refused` where what would be built is not what git keeps, or is not ready to be published."""
    if key is not None and key.resolve().is_relative_to(ROOT):
        raise Refused(f"{key} lies in the repository: a key that signs releases does not belong there")
    if changed := _git("status", "--porcelain").decode():
        raise Refused(f"these files are not committed:\n{changed}")
    dated = rf"## {re.escape(version())} \(\d{{4}}-\d\d-\d\d\)"
    if not trial and not re.search(dated, (ROOT / "CHANGELOG.md").read_text()):
        raise Refused(f"the changelog does not say when {version()} was released: ## {version()} (YYYY-MM-DD)")
    if not trial and key is None:
        raise Refused("make release KEY=path/of/the/key, as docs/releases.md tells; TRIAL=1: without")


def version() -> str:
    """The version of this working copy."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def build(into: Path) -> None:
    """Write wheel, source, lock and list of parts of the last commit into a folder, which is emptied first."""
    made = int(_git("log", "-1", "--format=%ct"))
    os.umask(0o022)
    into = into.resolve()
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    name = f"hmis-{version()}"
    plain = ("-c", "tar.umask=0022", "archive", f"--prefix={name}/")
    with tempfile.TemporaryDirectory(prefix="hmis-release-") as work:
        subprocess.run(["tar", "-x", "-C", work], input=_git(*plain, "HEAD"), check=True)
        source = Path(work) / name
        pages(source, made)
        wheel(source, into, made)
        (into / f"{name}.cdx.json").write_text(parts(source / "web", version(), made))
    packed = _git(*plain, "--format=tar", "HEAD")
    gzip = subprocess.run(["gzip", "-9", "-n"], input=packed, capture_output=True, check=True)
    (into / f"{name}-source.tar.gz").write_bytes(gzip.stdout)
    shutil.copyfile(LOCK, into / f"{name}-requirements.lock")


def pages(source: Path, made: int) -> None:
    """Build the pages of a working copy, with the packages that are in ours."""
    node = subprocess.run(["web/scripts/node.sh"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
    (source / "web" / "node_modules").symlink_to((ROOT / "web" / "node_modules").resolve())
    environment = {**_at(made), "PATH": f"{node}:{os.environ['PATH']}"}
    subprocess.run(
        ["npm", "run", "--silent", "build", "--", "--logLevel", "error"],
        cwd=source / "web",
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def wheel(source: Path, into: Path, made: int) -> None:
    """Build the wheel of a working copy whose pages are built. `made`: the time of all that is in it."""
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-cache-dir"]
    subprocess.run([*pip, "-w", str(into), str(source)], env=_at(made), check=True)


def _at(made: int) -> dict[str, str]:
    """The environment in which setuptools and our build of the pages take that for the time."""
    return {**os.environ, "SOURCE_DATE_EPOCH": str(made)}


def _git(*how: str) -> bytes:
    return subprocess.run(["git", *how], cwd=ROOT, check=True, capture_output=True).stdout


if __name__ == "__main__":
    main()
