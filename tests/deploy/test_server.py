"""What `fab provision` writes on a server, and the units that run there."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

DEPLOY = Path(__file__).parents[2] / "deploy"
sys.path.append(str(DEPLOY))  # no package: its files are run
provisioning = importlib.import_module("provisioning")


def test_a_second_provision_keeps_what_somebody_set_by_hand() -> None:
    first = provisioning.settings("", "St. Luke", "Africa/Accra")
    by_hand = first.replace("Africa/Accra", "Africa/Lome") + "# the eye clinic asked for it\nHMIS_CLINICS=Eye\n"
    assert provisioning.settings(by_hand, "", "") == by_hand
    assert provisioning.settings(by_hand, "St. Mary", "") == by_hand.replace("St. Luke", "St. Mary")


def test_a_hospital_may_be_called_anything_and_nothing_of_it_is_run(tmp_path: Path) -> None:
    name = """O'Brien's "House" of $HOME & `touch here` \\ Ọ̀ṣun"""
    settings = tmp_path / "hmis.env"
    settings.write_text(provisioning.settings("", name, ""))
    told = subprocess.run(
        ["sh", "-c", '. ./hmis.env && printf %s "$HMIS_HOSPITAL_NAME"'],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == name
    assert [file.name for file in tmp_path.iterdir()] == ["hmis.env"]


def _confined(unit: str) -> set[str]:
    """The lines of a unit from its user on: who it is, what it gets, what it is forbidden."""
    text = (DEPLOY / "systemd" / unit).read_text()
    lines = text[text.index("User=hmis") :].split("[Install]")[0].splitlines()
    return {line for line in lines if line}


def test_whatever_runs_our_code_is_confined_alike() -> None:
    application = _confined("hmis.service")
    assert "NoNewPrivileges=yes" in application
    assert _confined("hmis-worker.service") == application
    assert _confined("hmis-meanwhile@.service") == application
