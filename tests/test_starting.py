"""What the server does before it serves anybody."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import hmis.app
from hmis.app import create_app
from hmis.cli import check, init
from hmis.core.config import Settings, UnsafeSettings, misspelt
from hmis.core.site import Site
from hmis.core.store import Store
from hmis.staff.models import Staff
from hmis.staff.passwords import DEMO_PASSWORD, hashed

STRONG = "kT5-vQ9_wZ2xL8nR4bY7cJ1mD6fG3hS0aE"


@pytest.mark.parametrize("secret", [None, "", "short", "a" * 64, "abcabcabcabcabcabcabcabcabcabcabcabc"])
def test_production_refuses_a_weak_secret(settings: Settings, secret: str | None) -> None:
    weak = {} if secret is None else {"secret_key": secret}
    with pytest.raises(UnsafeSettings, match="HMIS_SECRET_KEY"):
        create_app(Settings(**{**settings.model_dump(exclude={"secret_key"}), "env": "production", **weak}))


def test_production_refuses_a_password_that_everybody_knows(store: Store) -> None:
    in_production = Settings(**{**store.settings.model_dump(), "env": "production", "secret_key": STRONG})
    assert create_app(in_production)
    with store.session() as session:
        doctor = session.fetch(Staff, Staff.username == "doctor")
        doctor.demo, doctor.password_hash = True, hashed(DEMO_PASSWORD, store.settings.password_memory_kib)
        session.commit()
    with pytest.raises(UnsafeSettings, match="DOC0001"):
        create_app(in_production)


def test_where_the_pages_were_not_built_a_newcomer_finds_the_api(store: Store, tmp_path: Path) -> None:
    answer = create_app(store=store, site=Site(tmp_path / "nothing")).test_client().get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/apidocs/")


def _hmis(*command: str, folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HMIS_DATA_DIR": str(folder / "data"), **settings}
    return subprocess.run(
        [sys.executable, "-m", "hmis", *command], env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("HMIS_PORT", "five", "settings: HMIS_PORT: Input should be a valid integer"),
        ("HMIS_DATABASE_URL", "postgresql://x", "settings: HMIS_DATABASE_URL: Value error, HMIS speaks SQLite"),
        ("HMIS_DATABASE_URL", "mysql+pymysql://root@127.0.0.1:1/x", "the database does not answer as it should"),
    ],
)
def test_what_is_set_wrong_is_said_in_a_line_and_never_as_a_traceback(
    setting: str, value: str, said: str, tmp_path: Path
) -> None:
    done = _hmis("init", folder=tmp_path, **{setting: value})
    assert done.returncode == 1
    assert done.stderr.startswith(said)
    assert "Traceback" not in done.stderr


def test_a_release_is_asked_whether_it_can_serve_before_it_is_switched_to(tmp_path: Path) -> None:
    behind = _hmis("check", folder=tmp_path)
    assert (behind.returncode, "run `hmis init` first" in behind.stderr) == (1, True)
    assert _hmis("init", folder=tmp_path).returncode == 0
    full = _hmis("check", folder=tmp_path, HMIS_DISK_FLOOR_MIB="999999999")
    assert (full.returncode, "cannot serve here: the disk is nearly full" in full.stderr) == (1, True)


def test_a_release_that_lacks_a_page_is_not_switched_to(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, a release was built while its pages were: it had /login, and each screen behind it was an error."""
    monkeypatch.setenv("HMIS_DATA_DIR", str(store.settings.data_dir))
    monkeypatch.setenv("HMIS_DATABASE_URL", store.settings.url)
    monkeypatch.setattr(hmis.app, "WEB", tmp_path)
    for page, missing in (("login", "/app"), ("app", "")):
        (tmp_path / f"{page}.html").write_text("<!doctype html><title>A page</title>")
        asked = CliRunner().invoke(check)
        assert asked.exit_code == (1 if missing else 0), asked.output
        assert f"no page {missing}" in asked.output or not missing


def test_secrets_come_from_files_that_only_the_service_can_read(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    (given / "hmis_secret_key").write_text(STRONG)
    (given / "hmis_database_url").write_text("mysql+pymysql://hmis:told-nobody@127.0.0.1/hmis")
    told = subprocess.run(
        [sys.executable, "-c", "from hmis.core.config import Settings as S; print(S().secret_key, S().url)"],
        env={"PATH": os.environ["PATH"], "CREDENTIALS_DIRECTORY": str(given)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert told == [STRONG, "mysql+pymysql://hmis:told-nobody@127.0.0.1/hmis"]


@pytest.mark.parametrize("content", ["", " \n"])
def test_an_empty_file_of_a_secret_does_not_mean_another_hospital(content: str, tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    (given / "hmis_database_url").write_text(content)
    refused = _hmis("init", folder=tmp_path, CREDENTIALS_DIRECTORY=str(given))
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"the secret file {given / 'hmis_database_url'} is empty")
    assert not (tmp_path / "data").exists()


def test_a_setting_that_is_misspelt_is_told_and_the_one_that_was_meant(tmp_path: Path) -> None:
    for name, meant in (("HMIS_DATABSE_URL", "HMIS_DATABASE_URL"), ("HMIS_BACKUP_COPYTO", "HMIS_BACKUP_COPY_TO")):
        asked = _hmis("check", folder=tmp_path, **{name: "x"})
        assert (asked.returncode, f"{name} is no setting: did you mean {meant}?" in asked.stderr) == (1, True)
        served = _hmis("serve", folder=tmp_path, **{name: "x"})
        assert f"{name} is no setting: did you mean {meant}?" in served.stderr
    assert _hmis("init", folder=tmp_path).returncode == 0
    back = _hmis("check", "--going-back", folder=tmp_path, HMIS_OF_A_NEWER_RELEASE="1")
    assert back.returncode == 0, back.stderr
    assert misspelt(["HMIS_WARD"]) == ["HMIS_WARD is no setting"]
    assert not misspelt(["PATH", "hmis_port", "HMIS_RELEASE", "HMIS_TEST_DATABASE_URL", "HMIS_REQUIRE_BROWSER"])


def test_every_name_that_our_own_scripts_read_is_known() -> None:
    here = Path(__file__).parent.parent
    files = [
        here / "Makefile",
        *here.glob("*.yaml"),
        *here.glob("deploy/**/*"),
        *here.glob("bench/*.py"),
        here / "tests/run.py",
    ]
    named = {
        name
        for file in files
        if file.is_file() and file.suffix not in {".pyc", ".png"}
        for name in re.findall(r"\bHMIS_[A-Z_]+[A-Z]\b", file.read_text())
    }
    assert "HMIS_DATA_DIR" in named
    assert not misspelt(named)


def test_what_patients_are_in_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    def open_to_others() -> set[str]:
        here = [tmp_path / "data", *(tmp_path / "data").rglob("*")]
        return {path.name for path in here if path.stat().st_mode & 0o077}

    before = os.umask(0o022)
    try:
        assert _hmis("init", folder=tmp_path).returncode == 0
        assert not open_to_others()
        for name in ("", "hmis.sqlite3", "hmis.sqlite3.aside_20261128"):  # as an earlier release left them
            path = tmp_path / "data" / name
            path.touch()
            path.chmod(0o755)
        assert _hmis("jobs", folder=tmp_path).returncode == 0
        assert not open_to_others()
    finally:
        os.umask(before)


def test_a_hospital_with_patients_is_never_served_as_for_development(tmp_path: Path) -> None:
    asks = "from hmis.core.config import Settings as S; print(S().env, S().secret_key)"

    def told() -> list[str]:
        environment = {"PATH": os.environ["PATH"], "HMIS_DATA_DIR": str(tmp_path / "data")}
        return subprocess.check_output([sys.executable, "-c", asks], env=environment, text=True).split()

    assert _hmis("init", folder=tmp_path, HMIS_ENV="development").returncode == 0
    assert told()[0] == "development"
    made = _hmis("init", "--production", folder=tmp_path)
    assert made.returncode == 0, made.stderr
    secret = tmp_path / "data" / "secret.key"
    assert (secret.stat().st_mode & 0o777, len(secret.read_text().strip()) >= 32) == (0o600, True)
    tomorrow = told()
    assert tomorrow == ["production", secret.read_text().strip()]
    assert _hmis("init", folder=tmp_path).returncode == 0
    assert told() == tomorrow, "the secret stays"
    for command in ("serve", "work", "demo"):
        refused = _hmis(command, folder=tmp_path, HMIS_ENV="development")
        assert refused.returncode == 1
        assert "is that of a hospital with patients, and HMIS_ENV says development" in refused.stderr
    asked = _hmis("demo", folder=tmp_path)
    assert (asked.returncode, "not put into a production hospital" in asked.stderr) == (1, True)


def test_the_demo_does_not_become_a_hospital_with_patients(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HMIS_DATA_DIR", str(store.settings.data_dir))
    monkeypatch.setenv("HMIS_DATABASE_URL", store.settings.url)
    with store.session() as session:
        doctor = session.fetch(Staff, Staff.username == "doctor")
        doctor.demo, doctor.password_hash = True, hashed(DEMO_PASSWORD, store.settings.password_memory_kib)
        session.commit()
    refused = CliRunner().invoke(init, ["--production"])
    assert isinstance(refused.exception, UnsafeSettings)
    assert not store.settings.production_mark.exists()
