"""What `fab` does and says, what it writes on a server, and the units that run there."""

from __future__ import annotations

import importlib
import os
import shlex
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import IO

import pytest
from invoke.exceptions import UnexpectedExit
from invoke.runners import Result

from hmis.core import backups, clock

DEPLOY = Path(__file__).parents[2] / "deploy"
sys.path.append(str(DEPLOY))  # no package: its files are run
provisioning, fabfile, hosts = map(importlib.import_module, ("provisioning", "fabfile", "host"))


class Far:
    """The other end of an SSH connection: takes down what is done there, knows nothing else, refuses what is named."""

    user, host = "ubuntu", "203.0.113.7"

    def __init__(self, refused: str = "", **told: str) -> None:
        self.refused, self.told = refused, told
        self.done: list[str] = []

    def run(self, line: str, *, hide: bool, in_stream: bool, warn: bool = False) -> Result:
        """What a shell there says."""
        command = shlex.split(line)[-1].split("; ", 2)[2]
        if warn:
            said = next((said for part, said in self.told.items() if part in command), None)
            return Result(stdout=said or "", exited=int(said is None))
        self.done.append(command)
        if self.refused and self.refused in command:
            raise UnexpectedExit(Result(stderr="it says no", exited=1))
        return Result(stdout="/tmp/hmis-upload.1" if "mktemp" in command else "")

    def put(self, what: IO[bytes], path: str) -> None:
        """A file that arrives there."""

    def at(self, part: str) -> int:
        """When something was done first: as the how manieth step."""
        return next(number for number, command in enumerate(self.done) if part in command)


def _provision(far: Far) -> None:
    how = {"url": "sqlite", "hospital": "", "zone": ""}
    provisioning.provision(hosts.Host(far), domain="hmis.test", email="it@hmis.test", **how)


def test_port_80_answers_before_the_certificates_maker_asks_and_the_firewall_is_on_by_then() -> None:
    far = Far()
    _provision(far)
    opened = far.at("sites-enabled/hmis-door")
    assert far.at("/etc/nginx/sites-available/hmis-door.new") < opened
    assert far.at("rm -f /etc/nginx/sites-enabled/default") < far.at("systemctl reload nginx")
    assert opened < far.at("systemctl reload nginx") < far.at("certbot certonly")
    for care in ("52hmis", "journald.conf.d", "ufw allow 80/tcp", "ufw --force enable"):
        assert far.at(care) < far.at("certbot certonly"), care
    assert far.at("certbot certonly") < far.at("RENEWED_LINEAGE=/etc/letsencrypt/live/hmis.test ")


@pytest.mark.parametrize("refused", ["certbot certonly", "apt-get install -y -q --no-install-recommends certbot"])
def test_a_certificate_that_is_refused_stops_nothing_and_is_said_at_the_end(
    refused: str, capsys: pytest.CaptureFixture[str]
) -> None:
    far = Far(refused=refused)
    with pytest.raises(hosts.Failed) as said:
        _provision(far)
    assert far.at("ufw --force enable")
    assert "ready: now `deploy`" in capsys.readouterr().out
    assert "it says no" in str(said.value)
    again = str(said.value).splitlines()[-1].strip()
    assert again == "fab -H ubuntu@203.0.113.7 provision --domain hmis.test --email it@hmis.test"


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


def _outcome(hours: int, *, ok: bool, said: str) -> backups.Outcome:
    return backups.Outcome(at=clock.now() - timedelta(hours=hours), ok=ok, said=said, seconds=1)


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ([], ["NEVER"]),
        ([(20, True, "made 5 MB")], ["20 h ago: made 5 MB"]),
        ([(27, True, "made 5 MB")], ["27 h ago (LATE: over 26 h): made 5 MB"]),
        (
            [(240, True, "made"), (3, False, "no room")],
            ["FAILED", "3 h ago: no room", "good one: ", "10 days ago"],
        ),
        ([(3, False, "no room")], ["FAILED", "the last good one: NEVER"]),
    ],
)
def test_status_tells_the_last_backup_and_the_last_drill_with_their_age(
    made: list[tuple[int, bool, str]], told: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    known = backups.BackupState()
    for hours, ok, said in made:
        known.made.note(_outcome(hours, ok=ok, said=said))
    known.drilled.note(_outcome(2, ok=True, said="proven"))
    fabfile.status.body(Far(**{"backups.json": known.model_dump_json()}))
    backup, drill = capsys.readouterr().out.splitlines()[-2:]
    assert backup.startswith("last backup ")
    assert all(part in backup for part in told), backup
    assert drill.startswith("last drill ")
    assert drill.endswith("2 h ago: proven")


def test_status_of_a_server_without_any_backup_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    fabfile.status.body(Far())
    assert capsys.readouterr().out.splitlines()[-2:] == ["last backup NEVER", "last drill NEVER"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("provision", "STOPPED: which server? fab -H ubuntu@ITS-NAME ..."),
        ("status", "STOPPED: which server? fab -H ubuntu@ITS-NAME ..."),
        ("-H ubuntu@203.0.113.7 deploy --wheel /nope.whl", "STOPPED: /nope.whl is not there, or is no wheel of HMIS"),
        ("-H ubuntu@203.0.113.7 deploy --wheel fabfile.py", "STOPPED: fabfile.py is not there, or is no wheel of HMIS"),
    ],
)
def test_a_slip_of_who_types_is_one_sentence(command: str, said: str) -> None:
    run = [sys.executable, "-c", "from fabric.main import program; program.run()", *command.split()]
    done = subprocess.run(run, cwd=DEPLOY, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def wrapped(tmp_path: Path) -> Path:
    """The `hmis` of a server, with its places in a folder; its user is whoever runs the test, without rights."""
    for folder in ("lib/keys", "etc/secrets", "release/bin", "bin", "home"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "etc" / "hmis.env").write_text("")
    (tmp_path / "etc" / "secrets" / "hmis_secret_key").write_text("")
    few = "setpriv --bounding-set=-all" if os.getuid() == 0 else ""
    for name, does in (
        ("release/bin/hmis", 'pwd; printf "%s\\n" "$@"'),
        ("bin/setpriv", f'shift 3; PATH=${{PATH#*:}} exec {few} "$@"'),
        ("bin/install", ""),
        ("bin/chown", ""),
        ("hmis", (DEPLOY / "host" / "hmis").read_text()),
    ):
        text = does.replace("/var/lib/hmis", f"{tmp_path}/lib").replace("/etc/hmis", f"{tmp_path}/etc")
        (tmp_path / name).write_text(text if text.startswith("#!") else f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    return tmp_path


def _hmis(wrapped: Path, *words: str) -> subprocess.CompletedProcess[str]:
    here = {"PATH": f"{wrapped}/bin:{os.environ['PATH']}", "HMIS_RELEASE": str(wrapped / "release")}
    run = [str(wrapped / "hmis"), *words]
    return subprocess.run(run, cwd=wrapped / "home", env=here, capture_output=True, text=True, check=False)


def test_a_backup_is_named_from_where_the_caller_is_and_other_words_stay_as_they_are(wrapped: Path) -> None:
    for name in ("a copy.tar.gz.age", "ada"):
        (wrapped / "home" / name).write_text("")
    words = ("backup", "restore", "a copy.tar.gz.age", "backups/other.age", "/nowhere.age", "ada", "", "--x=$HOME *")
    told = _hmis(wrapped, *words)
    named = [f"{wrapped}/home/a copy.tar.gz.age" if word.startswith("a copy") else word for word in words]
    assert told.stdout.splitlines() == [f"{wrapped}/lib", *named]
    assert told.returncode == 0


def test_a_backup_that_hmis_cannot_read_is_refused_with_where_to_put_it(wrapped: Path) -> None:
    (wrapped / "home" / "copy.age").touch(mode=0o000)
    told = _hmis(wrapped, "backup", "restore", "copy.age")
    assert (told.returncode, told.stdout) == (1, "")
    assert f"-m 600 {wrapped}/home/copy.age {wrapped}/lib/backups/" in told.stderr
