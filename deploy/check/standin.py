"""A stand-in for systemd in a folder that has no pid 1: reads the real unit files and keeps what they promise.

    standin.py manage          run it (in the background)
    systemctl VERB UNIT...     asks it; so do journalctl and ufw, under the name that this file is called by

It opens the socket of a `.socket` unit once and hands it to every start of the service, waits for `READY=1`, gives
credentials as files, switches to the unit's user, restarts what ended by itself. It does not confine anything: what
the units forbid themselves is judged by `systemd-analyze security`.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

DOOR = "/run/standin.sock"
LOGS = Path("/var/log/standin")
FOLDERS = (Path("/etc/systemd/system"), Path("/lib/systemd/system"))
HANDED = 3
"""The descriptor at which a service finds its socket."""


def read(unit: str) -> dict[str, list[str]]:
    """What a unit says: all values of each key, sections put together (no key of ours stands in two)."""
    name, _, instance = unit.removesuffix(".service").partition("@")
    file = f"{name}@.service" if instance else unit
    path = next((folder / file for folder in FOLDERS if (folder / file).is_file()), None)
    if path is None:
        raise LookupError(f"Unit {unit} not found.")
    told: dict[str, list[str]] = {}
    for line in path.read_text().replace("%i", instance).splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith(("#", "[")):
            told.setdefault(key.strip(), []).append(value.strip())
    return told


class Service:
    """One running service."""

    def __init__(self, unit: str) -> None:
        self.unit, self.wanted = unit, False
        self.process: subprocess.Popen[bytes] | None = None
        self.lock = threading.RLock()

    def start(self) -> None:
        with self.lock:
            if self.alive():
                return
            said = read(self.unit)
            self.wanted = True
            if said["Type"][-1] == "forking":
                subprocess.run(said["ExecStart"][-1], shell=True, check=True)
                return
            self._run(said)

    def _run(self, said: dict[str, list[str]]) -> None:
        name = said.get("User", ["root"])[-1]
        person = pwd.getpwnam(name)
        notes = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        at = f"/run/standin-{self.unit}"
        Path(at).unlink(missing_ok=True)
        notes.bind(at)
        os.chmod(at, 0o777)
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "NOTIFY_SOCKET": at}
        for file in said.get("EnvironmentFile", []):
            for word in shlex.split(Path(file).read_text(), comments=True):
                key, _, environment[key] = word.partition("=")
        environment["CREDENTIALS_DIRECTORY"] = self._credentials(said, person)
        handed = self.unit.replace(".service", ".socket") in said.get("Requires", [])
        command = f"exec {said['ExecStart'][-1]}"
        if handed:
            environment["LISTEN_FDS"] = "1"
            command = f"export LISTEN_PID=$$; {command}"
        LOGS.mkdir(parents=True, exist_ok=True)
        with (LOGS / self.unit).open("ab") as log:
            self.process = subprocess.Popen(
                ["/bin/sh", "-c", command],
                env=environment,
                cwd=said.get("WorkingDirectory", ["/"])[-1],
                user=person.pw_uid,
                group=person.pw_gid,
                extra_groups=[],
                stdout=log,
                stderr=log,
                pass_fds=(HANDED,) if handed else (),
                start_new_session=True,
                umask=int(said.get("UMask", ["022"])[-1], 8),
            )
        if said["Type"][-1] == "notify":
            self._until_ready(notes, float(said.get("TimeoutStartSec", ["90"])[-1]))
        notes.close()
        threading.Thread(target=self._watch, args=(self.process,), daemon=True).start()

    def _until_ready(self, notes: socket.socket, patience: float) -> None:
        notes.settimeout(0.2)
        until = time.monotonic() + patience
        while time.monotonic() < until:
            try:
                if b"READY=1" in notes.recv(4096):
                    return
            except TimeoutError:
                if self.process is None or self.process.poll() is not None:
                    break
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        raise RuntimeError(f"Job for {self.unit} failed.")

    def _credentials(self, said: dict[str, list[str]], person: pwd.struct_passwd) -> str:
        folder = Path("/run/credentials") / self.unit
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for one in said.get("LoadCredential", []):
            name, _, source = one.partition(":")
            shutil.copy(source, folder / name)
            os.chown(folder / name, person.pw_uid, -1)
            os.chmod(folder / name, 0o400)
        os.chown(folder, person.pw_uid, -1)
        return str(folder)

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        time.sleep(1)
        with self.lock:
            if self.wanted and self.process is process and read(self.unit)["Restart"] == ["always"]:
                try:
                    self._run(read(self.unit))
                except (RuntimeError, LookupError, OSError):
                    return

    def alive(self) -> bool:
        said = read(self.unit)
        if said["Type"][-1] == "forking":
            pid = Path(said["PIDFile"][-1])
            running = pid.read_text().strip() if pid.exists() else ""
            return running != "" and Path(f"/proc/{running}").exists()
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        with self.lock:
            self.wanted = False
            process, self.process = self.process, None
            if process is None or process.poll() is not None:
                return
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(float(read(self.unit).get("TimeoutStopSec", ["90"])[-1]))
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

    def reload(self) -> None:
        said = read(self.unit)
        main = str(self.process.pid) if self.process else ""
        subprocess.run(said["ExecReload"][-1].replace("$MAINPID", main), shell=True, check=True)


class Manager:
    """All units."""

    def __init__(self) -> None:
        self.services: dict[str, Service] = {}
        self.sockets: dict[str, socket.socket] = {}

    def act(self, verb: str, unit: str) -> str:
        """Do one thing to one unit; what it says."""
        if unit.endswith(".socket"):
            if verb in ("start", "restart") and unit not in self.sockets:
                self._listen(unit)
            if verb == "stop" and unit in self.sockets:
                os.dup2(os.open(os.devnull, os.O_RDONLY), HANDED)
                self.sockets.pop(unit).close()
            return "active" if unit in self.sockets else "inactive"
        service = self.services.setdefault(unit, Service(unit))
        if verb in ("stop", "restart"):
            service.stop()
        if verb in ("start", "restart"):
            service.start()
        if verb == "reload":
            service.reload()
        return "active" if service.alive() else "inactive"

    def _listen(self, unit: str) -> None:
        said = read(unit)
        path = said["ListenStream"][-1]
        Path(path).unlink(missing_ok=True)
        door = socket.socket(socket.AF_UNIX)
        door.bind(path)
        door.listen(int(said["Backlog"][-1]))
        shutil.chown(path, said["SocketUser"][-1], said["SocketGroup"][-1])
        os.chmod(path, int(said["SocketMode"][-1], 8))
        os.dup2(door.fileno(), HANDED, inheritable=True)
        self.sockets[unit] = door


def manage() -> None:
    """Answer `systemctl`, one request after another."""
    os.dup2(os.open("/dev/null", os.O_RDONLY), HANDED)  # nobody else gets that number
    manager = Manager()
    Path(DOOR).unlink(missing_ok=True)
    door = socket.socket(socket.AF_UNIX)
    door.bind(DOOR)
    door.listen()
    while True:
        caller, _ = door.accept()
        with caller:
            verb, units = json.loads(caller.recv(65536))
            said, code = [], 0
            for unit in units:
                try:
                    state = manager.act(verb, unit)
                except Exception as error:  # noqa: BLE001 - told to whoever asked
                    state, code = str(error), 1
                said.append(state)
                code = code or (verb == "is-active" and state != "active") * 3
            caller.sendall(json.dumps([said, code]).encode())


def systemctl(arguments: list[str]) -> int:
    """What the real one is asked for by our pipeline."""
    verb, *rest = [one for one in arguments if not one.startswith("-")]
    if verb in ("daemon-reload", "enable") and "--now" not in arguments:
        return 0
    units = [one if "." in one else f"{one}.service" for one in rest]
    with socket.socket(socket.AF_UNIX) as door:
        door.connect(DOOR)
        door.sendall(json.dumps(["start" if verb == "enable" else verb, units]).encode())
        said, code = json.loads(door.makefile().read())
    print("\n".join(said) if verb == "is-active" or code else "", end="")
    return int(code)


def journalctl(arguments: list[str]) -> int:
    """The end of a unit's log."""
    unit = arguments[arguments.index("-u") + 1]
    lines = arguments[arguments.index("-n") + 1]
    return subprocess.run(["tail", "-n", lines, str(LOGS / unit)], check=False).returncode


def ufw(arguments: list[str]) -> int:
    """Rules are written down and shown again, in the words of the real one; the kernel is left alone."""
    LOGS.mkdir(parents=True, exist_ok=True)
    rules = LOGS / "ufw"
    known = rules.read_text().splitlines() if rules.exists() else []
    match arguments:
        case ["show", "added"]:
            print("\n".join(line for line in known if line != "enable"))
        case ["status"]:
            print("Status: active" if "enable" in known else "Status: inactive")
        case ["--force", "enable"]:
            rules.write_text("\n".join([*known, "enable"]))
        case ["allow", *_]:
            rules.write_text("\n".join([*known, shlex.join(["ufw", *arguments])]))
        case _:
            print(f"the stand-in for ufw knows no {shlex.join(arguments)}", file=sys.stderr)
            return 1
    return 0


def main() -> int:
    """By the name it is called."""
    match Path(sys.argv[0]).name:
        case "systemctl":
            return systemctl(sys.argv[1:])
        case "journalctl":
            return journalctl(sys.argv[1:])
        case "ufw":
            return ufw(sys.argv[1:])
        case _:
            manage()
            return 0


if __name__ == "__main__":
    sys.exit(main())
