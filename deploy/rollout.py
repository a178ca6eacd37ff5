"""Bringing a release onto a server: built or checked, installed beside the serving one, tried, switched to."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from host import Failed, Host
from layout import CURRENT, HERE, RELEASES, hmis, releases
from signed import NotAsReleased, verify
from switching import switch

KEPT = 5
"""Releases that stay on the server, the serving one included."""
ROOM_MIB = {"/opt": 500, "/tmp": 100, "/var/lib/hmis": 300}
"""What has to be free where a release is installed, where it lands, and where it is backed up to and served from."""


def deploy(host: Host, *, folder: str, signers: str, wheel: str) -> None:
    """Install a release, back up, migrate, try and switch. Raises `Failed`; then the release before serves."""
    lock = HERE / "requirements.lock"
    if folder:
        built, lock = _released(host, Path(folder), Path(signers or "allowed_signers"))
    else:
        built = _given(Path(wheel)) if wheel else _build()
    name = f"{built.name.split('-')[1]}-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}"
    release, before = f"{RELEASES}/{name}", host.ask(f"readlink {CURRENT}")
    held = ""
    _refuse_without_room(host)
    try:
        _install(host, built, lock, release, before)
        if before:
            made = hmis(host, before, "backup create", says="back up, before anything changes")
            held = made.splitlines()[-1].partition(":")[0] if made else ""  # a dry run makes none
            hmis(host, release, f"backup hold {held}", says="keep that backup until a day after the next deployment")
        hmis(host, release, "init --wait 30", says="bring the database to the schema of this release (it only adds)")
        hmis(host, release, "check", says="ask the new release whether it can serve here")
        switch(host, release, before)
    except (Failed, OSError):
        host.do(f"rm -rf {release}", says=f"remove {name}", unless=f'test "$(readlink {CURRENT})" = {release}')
        host.say(f"{before or 'no release'} serves, as before")
        raise
    hmis(host, release, f"backup deployed {held}", says="backups held for earlier deployments may go in a day")
    _prune(host, keep=(release, before))
    host.say(f"{name} serves")


def rollback(host: Host, *, to: str) -> None:
    """Switch to the release before the serving one, or to a named one. Raises `Failed`; then all is as it was."""
    serving, newest_first = host.ask(f"readlink {CURRENT}"), releases(host)
    name = serving.removeprefix(f"{RELEASES}/")
    older = newest_first[newest_first.index(name) + 1 :] if name in newest_first else []
    target = f"{RELEASES}/{to or next(iter(older), '')}"
    if not host.holds(f"test -x {target}/bin/hmis"):
        raise Failed(f"there is no such release; there are: {' '.join(sorted(newest_first))}")
    hmis(host, target, "check --going-back", says="can it serve here?")
    switch(host, target, serving)
    host.say(f"{target} serves")


def _given(wheel: Path) -> Path:
    """A wheel built before. Raises `Failed`."""
    if not wheel.is_file() or not wheel.match("hmis-*-*.whl"):
        raise Failed(f"{wheel} is not there, or is no wheel of HMIS (hmis-VERSION-py3-none-any.whl)")
    return wheel


def _build() -> Path:
    """A wheel of this working copy, with the pages in it."""
    print("build the pages and the wheel", flush=True)
    subprocess.run(["make", "wheel"], cwd=HERE.parent, check=True)
    return max((HERE.parent / "dist").glob("hmis-*.whl"), key=lambda wheel: wheel.stat().st_mtime)


def _released(host: Host, folder: Path, signers: Path) -> tuple[Path, Path]:
    """Wheel and lock of a release that is as its publisher signed it. Raises `Failed`."""
    try:
        host.say(f"a release signed by {verify(folder, signers)}")
    except NotAsReleased as why:
        raise Failed(f"this release is not installed: {why}") from why
    return next(folder.glob("hmis-*.whl")), next(folder.glob("hmis-*-requirements.lock"))


def _install(host: Host, wheel: Path, lock: Path, release: str, before: str) -> None:
    python = host.ask("cat /etc/hmis/python")
    if not python and not host.dry:
        raise Failed("this server is not ready: run `provision` first")
    host.do(f"install -d -m 755 {release}", says=f"folder {release}")
    host.put(str(wheel), f"{release}/{wheel.name}")
    host.put(str(lock), f"{release}/requirements.lock")
    pip = f"{release}/bin/python -m pip install -q --cache-dir /var/cache/hmis --disable-pip-version-check"
    host.do(f"{python} -m venv {release}", says="a virtual environment of its own")
    host.do(f"{pip} --require-hashes -r {release}/requirements.lock", says="its packages, exactly those of the lock")
    host.do(f"{pip} --no-deps {release}/{wheel.name}", says="the release itself")
    host.do(f"cd {release} && ln -sfn $(echo lib/python3*/site-packages)/hmis/web pages", says="its pages")
    if before:  # screens that are open still ask for parts of the pages they came with
        host.do(
            f"find {before}/pages/_app/immutable/ -mtime +90 -type f -delete;"
            f" cp -rn --preserve=timestamps {before}/pages/_app/immutable/. {release}/pages/_app/immutable/",
            says="and the parts of earlier pages",
        )
    for part in ("http", "site", "headers"):
        host.write(f"{release}/nginx/{part}.conf", (HERE / "nginx" / "hmis" / f"{part}.conf").read_text())
    policy = f"{release}/lib/python3*/site-packages/hmis/core/page_policy.py"
    host.do(
        f"{release}/bin/python {policy} {release}/pages/ > {release}/nginx/policies.conf", says="what pages may load"
    )


def _refuse_without_room(host: Host) -> None:
    """Raise `Failed` before anything was changed."""
    for folder, needed in ROOM_MIB.items():
        free = host.ask(f"df --output=avail -BM {folder} | tail -1").strip().removesuffix("M")
        if free and int(free) < needed:
            raise Failed(f"not enough room on the server: {folder} has {free} MiB free and {needed} are needed")


def _prune(host: Host, keep: tuple[str, ...]) -> None:
    for release in [f"{RELEASES}/{name}" for name in releases(host)][KEPT:]:
        if release not in keep:
            host.do(f"rm -rf {release}", says=f"remove the old release {release}")
