"""What an administrator gets: a release that is what its publisher made, tells its parts, and works by itself."""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from hmis.app import WEB
from tests.conftest import Person

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "deploy"))  # no package: its files are run
making, parts, signed = map(importlib.import_module, ("release", "parts", "signed"))
REQUIRED = os.environ.get("HMIS_REQUIRE_BROWSER") == "1"
with_pages = pytest.mark.skipif(
    not (WEB / "app.html").exists() and not REQUIRED,
    reason="NOT TESTED AS A RELEASE: the pages are not built (`make web`)",
)


# --- whose it is ---


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A folder as a publisher hands it out, signed, and beside it the keys of two people."""
    folder = tmp_path / "release"
    folder.mkdir()
    (folder / "hmis-9.9.9-py3-none-any.whl").write_bytes(b"the product")
    (folder / "hmis-9.9.9-requirements.lock").write_text("flask==3\n")
    for whose in ("publisher", "stranger"):
        _ssh_keygen("-q", "-t", "ed25519", "-N", "", "-C", whose, "-f", str(tmp_path / whose))
    public = (tmp_path / "publisher.pub").read_text()
    (tmp_path / "allowed_signers").write_text(f'release@hmis namespaces="hmis-release" {public}')
    signed.write_sums(folder)
    signed.sign(folder, tmp_path / "publisher")
    return folder


def _ssh_keygen(*how: str, said: bytes = b"", folder: Path | None = None) -> int:
    return subprocess.run(["ssh-keygen", *how], input=said, cwd=folder, capture_output=True, check=False).returncode


def test_a_release_is_known_by_its_publishers_signature(release: Path) -> None:
    assert signed.verify(release, release.parent / "allowed_signers") == "release@hmis"


def test_the_commands_of_the_docs_check_a_release_with_nothing_to_install(release: Path) -> None:
    """The very lines of docs/releases.md, on a good release and on one of which a file was changed."""
    told = re.search(r"```\n\s*(ssh-keygen -Y verify .*?)```", (ROOT / "docs" / "releases.md").read_text(), re.DOTALL)
    assert told
    check = ["bash", "-ec", told[1].replace("~/allowed_signers", "../allowed_signers")]
    assert subprocess.run(check, cwd=release, check=False).returncode == 0
    (release / "hmis-9.9.9-py3-none-any.whl").write_bytes(b"something else")
    assert subprocess.run(check, cwd=release, check=False).returncode != 0


@pytest.mark.parametrize(
    ("done", "said"),
    [
        ("a file was changed", "is not the file that release@hmis signed"),
        ("a file was added", "does not hold the files that were signed"),
        ("a file is missing", "does not hold the files that were signed"),
        ("the sums were changed", "is not what release@hmis signed"),
        ("signed by a stranger", "by nobody named in"),
        ("signed for something else", "is not what release@hmis signed"),
        ("not signed", "is missing"),
    ],
)
def test_a_release_that_its_publisher_did_not_sign_is_not_installed(done: str, said: str, release: Path) -> None:
    wheel, sums = release / "hmis-9.9.9-py3-none-any.whl", release / "SHA256SUMS"
    match done:
        case "a file was changed":
            wheel.write_bytes(b"the product, and more")
        case "a file was added":
            (release / "sitecustomize.py").write_text("")
        case "a file is missing":
            wheel.unlink()
        case "the sums were changed":
            wheel.write_bytes(b"the product, and more")
            signed.write_sums(release)
        case "signed by a stranger":
            signed.sign(release, release.parent / "stranger")
        case "signed for something else":
            (release / "SHA256SUMS.sig").unlink()
            assert _ssh_keygen("-Y", "sign", "-f", str(release.parent / "publisher"), "-n", "file", str(sums)) == 0
        case _:
            (release / "SHA256SUMS.sig").unlink()
    with pytest.raises(signed.NotAsReleased, match=said):
        signed.verify(release, release.parent / "allowed_signers")


def test_a_key_that_lies_in_the_repository_signs_nothing() -> None:
    with pytest.raises(making.Refused, match="does not belong there"):
        making.refuse_unready(ROOT / "deploy" / "key", trial=True)


# --- what is in it ---


@with_pages
def test_every_part_of_a_release_is_listed_with_its_hash_and_licence() -> None:
    told = parts.parts(ROOT / "web", version("hmis"), 1_764_288_000)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(told) is None
    assert told == parts.parts(ROOT / "web", version("hmis"), 1_764_288_000)
    listed = {part["purl"]: part for part in json.loads(told)["components"]}
    locked = re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "deploy" / "requirements.lock").read_text(), re.MULTILINE)
    bundled = json.loads((ROOT / "web" / parts.BUNDLED).read_text())
    assert {f"pkg:pypi/{name}@{number}" for name, number in locked} <= listed.keys()
    assert {f"pkg:npm/{one['name'].replace('@', '%40')}@{one['version']}" for one in bundled} <= listed.keys()
    assert {"svelte", "inter-ui"} <= {part["name"] for part in listed.values()}
    for purl, part in listed.items():
        assert part.get("hashes") or all(file["hashes"] for file in part["externalReferences"]), purl
    silent = {part["name"] for part in listed.values() if "licenses" not in part}
    assert silent <= {"mysqlclient", "pyrage"}  # not installed here; says nothing of it
    assert "registry" not in told


@with_pages
def test_a_listed_package_is_wanted_by_those_that_need_it() -> None:
    told = json.loads(parts.parts(ROOT / "web", version("hmis"), 1_764_288_000))
    wants = {one["ref"].partition("@")[0]: one.get("dependsOn", []) for one in told["dependencies"]}
    named = {want.partition("@")[0] for want in wants["pkg:pypi/flask"]}
    assert {"pkg:pypi/werkzeug", "pkg:pypi/jinja2"} <= named
    directly = {want.partition("@")[0] for want in wants["hmis"]}
    assert "pkg:pypi/flask" in directly
    assert "pkg:pypi/mdurl" not in directly  # a package of a package of a package


# --- what it is called ---


def test_version_and_changelog_agree_wherever_they_are_told(admin: Person) -> None:
    told = version("hmis")
    asked = subprocess.run([sys.executable, "-m", "hmis", "--version"], capture_output=True, text=True, check=True)
    assert asked.stdout.split()[-1] == told
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == told
    assert json.loads((ROOT / "web" / "package.json").read_text())["version"] == told
    newest = re.search(
        r"^## (\S+) \((unreleased|\d{4}-\d\d-\d\d)\)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE
    )
    assert newest
    assert newest[1] == told
    assert admin.get("/system").json["version"] == told  # type: ignore[index]


# --- that it works ---


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The wheel of this working copy, built twice: in other folders, from files of other times."""
    found = []
    for age in (0, 86_400):
        folder = tmp_path_factory.mktemp("build")
        source = folder / f"copy-{age}"
        source.mkdir()
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copyfile(ROOT / name, source / name)
        shutil.copytree(ROOT / "hmis", source / "hmis", ignore=shutil.ignore_patterns("__pycache__"))
        for file in source.rglob("*"):
            os.utime(file, (1_700_000_000 + age,) * 2)
        making.wheel(source, folder / "dist", 1_764_288_000)
        found.append(next((folder / "dist").glob("*.whl")))
    return found


@with_pages
@pytest.mark.once
def test_the_same_files_make_the_same_wheel_to_the_byte(wheels: list[Path]) -> None:
    first, second = (hashlib.sha256(wheel.read_bytes()).hexdigest() for wheel in wheels)
    assert first == second


@with_pages
@pytest.mark.once
def test_an_installed_wheel_serves_the_hospital_without_node_or_this_repository(
    wheels: list[Path], tmp_path: Path
) -> None:
    """As `deploy/check/wheel.sh`, but its packages are those of this environment: there they are installed anew."""
    environment, work = tmp_path / "environment", tmp_path / "work"
    work.mkdir()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin" / "python"
    where = subprocess.check_output([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True)
    (Path(where.strip()) / "packages.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python)]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", str(wheels[0])], check=True)
    imported = subprocess.check_output([python, "-c", "import hmis; print(hmis.__file__)"], text=True, cwd=work)
    assert Path(imported).is_relative_to(environment)
    check = [
        sys.executable,
        str(ROOT / "deploy" / "check" / "installed.py"),
        str(environment / "bin" / "hmis"),
        str(work),
    ]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {"/", "/login", "/_app/door.js", "/apidocs/"} <= {line.split()[0] for line in done.stdout.splitlines()}
