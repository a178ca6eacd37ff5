"""What is in the image of the application, and what it is told."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from hmis.core.config import Settings
from hmis.upkeep.tools import PACKAGES

ROOT = Path(__file__).parents[2]
IMAGE = (ROOT / "deploy" / "docker" / "app.Dockerfile").read_text()


def test_the_image_has_all_that_a_dump_and_its_drill_need() -> None:
    """Not mariabackup: it copies the files of a server on the same machine, and here that is another container."""
    (_, _, running) = IMAGE.partition("# --- what runs")
    (installed,) = (line for line in running.splitlines() if "apt-get install" in line)
    needed = {package for tool, package in PACKAGES.items() if tool != "mariabackup"}
    assert needed == {"mariadb-client", "mariadb-server-core"}
    assert needed <= set(installed.split())


def test_on_a_laptop_sqlite_wins_over_the_secret_of_a_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    override = yaml.safe_load((ROOT / "compose.sqlite.yaml").read_text())["x-application"]["environment"]
    (tmp_path / "hmis_database_url").write_text("mysql+mysqldb://hmis:secret@database/hmis")
    for name, value in {**override, "HMIS_DATA_DIR": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    assert Settings(_secrets_dir=tmp_path).url == f"sqlite:///{tmp_path}/hmis.sqlite3"  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "empty", ["", "hmis_secret_key", "hmis_database_password", "hmis_database_url", "hmis_backup_key"]
)
def test_secrets_are_made_once_and_an_empty_one_anew(empty: str, tmp_path: Path) -> None:
    def make() -> dict[str, str]:
        script = ROOT / "deploy" / "docker" / "make-secrets.sh"
        subprocess.run([script], cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)
        return {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()}

    first = make()
    if empty:
        (tmp_path / "secrets" / empty).write_text("")
    if empty == "hmis_database_password":  # as the script made it of that
        (tmp_path / "secrets" / "hmis_database_url").write_text("mysql+mysqldb://hmis:@database/hmis?charset=utf8mb4")
    again = make()
    changed = {name for name in first if again[name] != first[name]}
    new = {empty, "hmis_database_url"} if empty == "hmis_database_password" else {empty} - {"", "hmis_database_url"}
    assert changed == new
    assert all(len(told) > 30 for told in again.values())
    assert f"hmis:{again['hmis_database_password']}@database/" in again["hmis_database_url"]


def test_the_pages_are_published_on_this_machine_alone() -> None:
    """Cookies go over TLS only, which something in front has to bring."""
    (port,) = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["web"]["ports"]
    assert port == "${HMIS_WEB_ADDRESS:-127.0.0.1}:${HMIS_WEB_PORT:-8080}:8080"
