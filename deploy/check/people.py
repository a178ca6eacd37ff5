"""People who work at the hospital without a pause while a check does something to it, and remember every answer."""

from __future__ import annotations

import http.client
import json
import ssl
import threading
import time
import uuid
from typing import Any

PASSWORD = "A-long-enough-one-26"


def say(what: str) -> None:
    """A heading."""
    print(f"\n== {what}", flush=True)


def expect(true: bool, otherwise: str) -> None:
    """End the check where something is not so."""
    if not true:
        raise SystemExit(f"NOT AS IT SHOULD BE: {otherwise}")


class Load:
    """People who read and write all the time, and remember every answer."""

    def __init__(self, people: int, host: str, port: int) -> None:
        self.where = host, port
        self.acknowledged: list[str] = []
        self.when: dict[str, tuple[float, float]] = {}
        """Of each acknowledged write: when it was sent, when the answer had come, by the clock on the wall."""
        self.failures: list[str] = []
        self.took: list[float] = []
        self.total = 0
        self.slowest = 0.0
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(n,)) for n in range(people)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _work(self, number: int) -> None:
        browser = Browser(*self.where)
        browser.sign_in("officer", PASSWORD)
        while not self._stop.is_set():
            name = uuid.uuid4().hex[:12]
            body = {
                "family_name": f"Load{number}",
                "given_name": name,
                "sex": "female",
                "age_years": 30,
                "confirmed": True,
            }
            sent = time.time()
            made = self._ask(browser, "POST", "/api/v1/patients", body)
            if made:
                self.when[made["id"]] = sent, time.time()
                self.acknowledged.append(made["id"])
                self._ask(browser, "GET", f"/api/v1/patients/{made['id']}")
            self._ask(browser, "GET", "/app/reception")
            time.sleep(0.1)

    def _ask(self, browser: Browser, method: str, path: str, body: Any = None) -> Any:
        began = time.monotonic()
        try:
            status, said = browser.send(method, path, body)
        except (OSError, http.client.HTTPException) as error:
            self.failures.append(f"{method} {path}: {error!r}")
            return None
        self.took.append(time.monotonic() - began)
        if status >= 400:
            self.failures.append(f"{method} {path}: {status} {said!r}")
            return None
        return said

    def tell(self, during: str) -> None:
        """Say how it went since it was last said; anything failed ends the check."""
        took, self.took = sorted(self.took), []
        self.total, self.slowest = self.total + len(took), max(self.slowest, took[-1])
        late = f"slowest {took[-1]:.2f} s, one in a hundred over {took[-len(took) // 100 - 1]:.2f} s"
        print(f"    {during}: {len(took)} requests, {len(self.failures)} failed, {late}", flush=True)
        expect(not self.failures, f"requests failed during {during}: {self.failures[:3]}")


class Browser:
    """Somebody at a computer, over TLS where it is port 443; one connection for each request, as over a bad line."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.cookie = self.csrf = ""
        self.tls = ssl._create_unverified_context()  # the certificate is one of our own

    def send(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status, and the answer read."""
        if self.port == 443:
            origin = f"https://{self.host}"
            line: http.client.HTTPConnection = http.client.HTTPSConnection(self.host, timeout=60, context=self.tls)
        else:
            origin = f"http://{self.host}:{self.port}"
            line = http.client.HTTPConnection(self.host, self.port, timeout=60)
        headers = {"Cookie": self.cookie, "X-CSRFToken": self.csrf, "Origin": origin, "Host": origin.split("//")[1]}
        if body is not None:
            headers["Content-Type"] = "application/json"
        line.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = line.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            self.cookie = cookie.split(";")[0]
        line.close()
        is_json = "json" in (answer.headers["Content-Type"] or "")
        return answer.status, json.loads(text) if is_json and text else text[:80]

    def sign_in(self, username: str, password: str) -> None:
        """Raises where it is refused."""
        self.csrf = self.send("GET", "/auth/getcsrf")[1]["csrf_token"]
        status, said = self.send("POST", "/auth/login", {"username": username, "password": password})
        expect(status == 200, f"sign-in: {status} {said}")
        self.csrf = said["csrf_token"]
