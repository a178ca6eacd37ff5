"""What is in the image of the application, and what it is told."""

from __future__ import annotations

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
