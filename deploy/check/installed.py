"""Whether an installed release works: `installed.py HMIS FOLDER`, the command and an empty folder to work in.

Prepares a demo hospital, serves it, and asks over HTTP for what a person and a program ask for first. There is no Node
within reach of it, and nothing of a working copy. Exit code 1 where anything is not as it should be.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

PATIENCE = 60
"""Seconds until it has to answer."""


def main() -> None:
    """Say for each page what came, or why it is not good enough."""
    hmis, folder = Path(sys.argv[1]).absolute(), Path(sys.argv[2]).absolute()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {"PATH": str(hmis.parent), "HMIS_DATA_DIR": str(folder / "data"), "HMIS_PORT": str(port)}
    environment |= {"LANG": "C.UTF-8", "HMIS_PASSWORD_MEMORY_KIB": "1024"}

    def run(*command: str) -> None:
        began = time.monotonic()
        subprocess.run([hmis, *command], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
        print(f"hmis {' '.join(command):<26} {time.monotonic() - began:5.1f} s", flush=True)

    run("--version")
    run("init")
    run("demo", "--patients", "20")
    began = time.monotonic()
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen([hmis, "serve"], cwd=folder, env=environment, stdout=log, stderr=log) as server,
    ):
        try:
            asked = Asked(f"http://127.0.0.1:{port}")
            asked.until_it_answers()
            print(f"hmis serve answers after         {time.monotonic() - began:5.1f} s", flush=True)
            look(asked)
        except BaseException:
            print(os.linesep.join((folder / "log").read_text().splitlines()[-20:]), file=sys.stderr)
            raise
        finally:
            server.terminate()
            server.wait(30)


class Asked:
    """The server, asked as a browser does."""

    def __init__(self, address: str) -> None:
        self.address = address

    def until_it_answers(self) -> None:
        """Raises `TimeoutError` where it does not."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                with urlopen(f"{self.address}/api/v1/status", timeout=5):
                    return
            except (URLError, ConnectionError):
                time.sleep(0.1)  # it is not up yet
        raise TimeoutError(f"no answer within {PATIENCE} s")

    def get(self, path: str, kind: str, holds: str, cookie: str = "") -> str:
        """What comes, which has to be of this kind and to hold this."""
        with urlopen(Request(f"{self.address}{path}", headers={"Cookie": cookie}), timeout=20) as answer:
            body, came = answer.read().decode(), answer.headers.get_content_type()
        assert came == kind, f"{path} is {came} instead of {kind}"
        assert re.search(holds, body), f"{path} does not hold {holds}"
        print(f"{path:<36} {len(body):>8} B  {came}", flush=True)
        return body

    def sign_in(self, username: str, password: str) -> str:
        """The cookie of somebody signed in."""
        body = json.dumps({"username": username, "password": password}).encode()
        headers = {"Content-Type": "application/json", "Origin": self.address}
        with urlopen(Request(f"{self.address}/auth/getcsrf"), timeout=20) as answer:
            headers["X-CSRFToken"] = json.load(answer)["csrf_token"]
            headers["Cookie"] = "; ".join(one.split(";")[0] for one in answer.headers.get_all("Set-Cookie") or [])
        with urlopen(Request(f"{self.address}/auth/login", body, headers), timeout=20) as answer:
            return "; ".join(one.split(";")[0] for one in answer.headers.get_all("Set-Cookie"))


def look(asked: Asked) -> None:
    """The first page, the sign-in page and its script, the app, the API with and without a person, its description."""
    asked.get("/", "text/html", "<h1")
    page = asked.get("/login", "text/html", "<form")
    script = re.search(r'"(/_app/[^"]+\.js)"', page)
    assert script, "the sign-in page names no script"
    asked.get(script[1], "text/javascript", "import|export|function")
    asked.get("/app/queue", "text/html", "/_app/")
    asked.get("/api/v1/status", "application/json", '"OK"')
    cookie = asked.sign_in("doctor", "hmis-demo")
    asked.get("/api/v1/patients?limit=5", "application/json", "hospital_number", cookie)
    asked.get("/apidocs/", "text/html", "HMIS|swagger")
    asked.get("/api/openapi.json", "application/json", "/api/v1/patients")


if __name__ == "__main__":
    main()
