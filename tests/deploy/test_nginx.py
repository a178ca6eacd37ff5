"""nginx in front of the hospital, with the configuration that images and servers get."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest
from flask import request
from werkzeug.serving import make_server

from hmis.app import create_app
from hmis.core import page_policy
from hmis.core.site import Site
from hmis.core.store import Store

OURS = Path(__file__).parents[2] / "deploy" / "nginx"
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
PAGE = "<!doctype html><title>Sign in</title><script>begin()</script><script src='/x.js'></script>"
SAME = (
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "Referrer-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "Cache-Control",
    "Content-Type",
)
pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(
        NGINX is None and os.environ.get("HMIS_REQUIRE_BROWSER") != "1",
        reason="NOT TESTED BEHIND NGINX: apt-get install nginx-light",
    ),
]


class Front:
    """nginx, and the application behind it."""

    def __init__(self, store: Store, folder: Path, trusted: str = "") -> None:
        self.trusted = trusted
        self.site = Site(_pages(folder / "pages"))
        self.app = create_app(store=store, site=self.site)
        self.askers: list[str] = []
        self.app.before_request(lambda: self.askers.append(request.headers.get("X-Forwarded-For", "")))
        self.server = make_server("127.0.0.1", 0, self.app, threaded=True)
        self.port = _free_port()
        self._configure(folder)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.process = _nginx(folder)
        _until_listening(self.port)

    def _configure(self, folder: Path) -> None:
        shutil.copytree(OURS / "hmis", folder / "hmis")
        (folder / "hmis" / "policies.conf").write_text(page_policy.for_nginx(folder / "pages"))
        self._begin_as_the_image(folder)
        text = (OURS / "container.conf").read_text()
        for ours, here in (
            ("        listen [::]:8080;\n", ""),
            ("listen 8080", f"listen 127.0.0.1:{self.port}"),
            ("/tmp/application.conf", "application.conf"),
            ("/tmp/", f"{folder}/"),
            ("root /srv/hmis", f"root {folder / 'pages'}"),
            ("error_log /dev/stderr", f"error_log {folder / 'error.log'}"),
        ):
            assert ours in text, f"{ours} is not in the configuration any more"
            text = text.replace(ours, here)
        (folder / "nginx.conf").write_text(_as_ours(text))

    def _begin_as_the_image(self, folder: Path) -> None:
        """Let the script of the image write what it tells nginx, in this folder, without running nginx."""
        script = (OURS.parent / "docker" / "start-web.sh").read_text()
        assert script.count("/tmp/") == script.count("\nexec nginx") == 1
        begin = script.replace("/tmp/", f"{folder}/").partition("\nexec nginx")[0]
        told = {"HMIS_APP": f"127.0.0.1:{self.server.port}", "HMIS_WEB_TRUSTED_PROXY": self.trusted}
        subprocess.run(["sh", "-c", begin], env={**os.environ, **told}, check=True)

    def ask(self, path: str, method: str = "GET", **headers: str) -> HTTPResponse:
        """One answer, read whole; its text is in `said`."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        self.said = answer.read()
        connection.close()
        return answer

    def close(self) -> None:
        """Both end."""
        self.process.terminate()
        self.process.wait(10)
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def front(store: Store, tmp_path: Path) -> Iterator[Front]:
    front = Front(store, tmp_path)
    yield front
    front.close()


def _pages(folder: Path) -> Path:
    (folder / "_app/immutable").mkdir(parents=True)
    (folder / "fr").mkdir()
    for page in ("index.html", "app.html", "login.html", "fr.html", "fr/login.html"):
        (folder / page).write_text(PAGE.replace("begin", page.split(".")[0].replace("/", "_")))
    (folder / "service-worker.js").write_text("begin()")
    (folder / "manifest.webmanifest").write_text("{}")
    (folder / "_app/immutable/x.js").write_text("begin()" * 100)
    (folder / "_app/immutable/x.js.gz").write_bytes(gzip.compress(b"begin()" * 100))
    folder.chmod(0o755)
    return folder


def _as_ours(text: str) -> str:
    return f"user root;\n{text}" if os.getuid() == 0 else text


def _write_whole(folder: Path, http: str) -> None:
    """An `nginx.conf` around this, which writes in its folder alone."""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {folder}/{kind}; " for kind in kinds)
    text = f"pid {folder}/pid; events {{}} http {{ access_log off; {places} {http} }}"
    (folder / "nginx.conf").write_text(_as_ours(text))


def _nginx(folder: Path) -> subprocess.Popen[bytes]:
    """The real one, with the `nginx.conf` of this folder."""
    where = ("-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log"))
    return subprocess.Popen([str(NGINX), *where, "-g", "daemon off;"])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _until_listening(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("nginx does not listen")


def test_a_page_is_the_same_from_nginx_as_from_the_application(front: Front) -> None:
    for path in (
        *("/", "/login", "/fr", "/fr/login", "/app", "/app/p/104226784/obs", "/service-worker.js"),
        *("/manifest.webmanifest", "/_app/immutable/x.js"),
    ):
        ours = front.app.test_client().get(path)
        theirs = front.ask(path)
        assert theirs.status == ours.status_code == 200, path
        assert front.said == ours.data, path
        for name in SAME:
            told = theirs.headers[name].replace("application/javascript", "text/javascript")  # the same, in older words
            assert told == ours.headers[name], f"{name} of {path}"
    assert "sha256-" in front.ask("/login").headers["Content-Security-Policy"]


def test_files_come_compressed_to_whoever_takes_it(front: Front) -> None:
    answer = front.ask("/_app/immutable/x.js", **{"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(front.said) == b"begin()" * 100


def test_what_is_no_page_is_asked_of_the_application(front: Front) -> None:
    assert front.ask("/api/v1/status").status == 200
    assert b'"OK"' in front.said
    assert front.ask("/auth/me").status == 401
    assert front.ask("/no/such/page").status == 404
    assert front.ask("/enquiries", method="POST").status in (400, 403, 422), "a form without a script arrives"


def test_what_machines_ask_is_not_for_the_street(front: Front) -> None:
    assert front.app.test_client().get("/readyz").status_code == 200
    for path in ("/metrics", "/readyz", "/readyz?x", "//readyz", "/%72eadyz"):
        assert front.ask(path).status == 404, path
        assert b"ready" not in front.said
    assert front.ask("/healthz").status == 200, "that the server is there, everybody may know"


@pytest.mark.parametrize(
    ("trusted", "told", "asker"),
    [
        ("", "198.51.100.9", "127.0.0.1"),
        ("10.0.0.0/8", "198.51.100.9", "127.0.0.1"),
        ("10.0.0.0/8 127.0.0.0/8", "198.51.100.9", "198.51.100.9"),
        ("127.0.0.1", "203.0.113.66, 198.51.100.9", "198.51.100.9"),  # the first is what a client made up
        ("127.0.0.1", "", "127.0.0.1"),
    ],
)
def test_a_proxy_in_front_is_believed_on_who_asks_only_where_it_is_trusted(
    trusted: str, told: str, asker: str, store: Store, tmp_path: Path
) -> None:
    front = Front(store, tmp_path, trusted)
    try:
        assert front.ask("/api/v1/status", **({"X-Forwarded-For": told} if told else {})).status == 200
    finally:
        front.close()
    assert front.askers == [asker]


def test_the_proxy_of_the_docs_tells_who_asks_and_that_they_came_by_tls(store: Store, tmp_path: Path) -> None:
    """The very lines of docs/operations.md, in an nginx in front of ours; whoever asks has another address than it."""
    (told,) = re.findall(
        r"```\n(location / \{.*?)```", (OURS.parents[1] / "docs" / "operations.md").read_text(), re.DOTALL
    )
    front, outer = Front(store, tmp_path, "127.0.0.1"), _free_port()
    (tmp_path / "outer").mkdir()
    site = told.replace("127.0.0.1:8080", f"127.0.0.1:{front.port}")
    _write_whole(tmp_path / "outer", f"server {{ listen 127.0.0.1:{outer}; {site} }}")
    proxy = _nginx(tmp_path / "outer")
    try:
        _until_listening(outer)
        connection = HTTPConnection("127.0.0.1", outer, timeout=20, source_address=("127.0.0.2", 0))
        connection.request("GET", "/login")
        assert connection.getresponse().headers["Strict-Transport-Security"]
        connection.close()
        connection.request("GET", "/api/v1/status", headers={"X-Forwarded-For": "203.0.113.66"})
        assert connection.getresponse().status == 200
        connection.close()
    finally:
        proxy.terminate()
        proxy.wait(10)
        front.close()
    assert front.askers == ["127.0.0.2"]


def test_a_browser_is_told_to_insist_on_tls_only_where_it_came_by_tls(front: Front) -> None:
    assert front.ask("/login").headers["Strict-Transport-Security"] is None
    by_tls = front.ask("/login", **{"X-Forwarded-Proto": "https"})
    assert by_tls.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_while_the_application_is_down_pages_come_and_the_rest_is_refused_in_our_words(front: Front) -> None:
    front.server.shutdown()
    front.server.server_close()
    assert front.ask("/login").status == 200
    answer = front.ask("/api/v1/status")
    assert answer.status == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Retry-After"] == "5"
    assert b'"Unavailable"' in front.said


def test_a_body_over_a_megabyte_is_refused(front: Front) -> None:
    connection = HTTPConnection("127.0.0.1", front.port, timeout=20)
    connection.request("POST", "/api/v1/patients", body=b"x" * 1_100_000)
    assert connection.getresponse().status == 413
    connection.close()


def test_a_certificates_maker_finds_its_proof_before_and_after_a_deployment(tmp_path: Path) -> None:
    """On port 80 as `provision` opens it, alone and beside the site that `deploy` enables."""
    door, proof = _free_port(), tmp_path / "acme" / ".well-known" / "acme-challenge" / "token"
    proof.parent.mkdir(parents=True)
    proof.write_text("the proof")
    _layout_of_debian(tmp_path, door)
    (tmp_path / "sites-enabled" / "hmis-door").symlink_to("../sites-available/hmis-door")
    nginx = _nginx(tmp_path)
    try:
        _until_listening(door)
        _proof_comes(door)
        (tmp_path / "sites-enabled" / "hmis").symlink_to("../sites-available/hmis")
        (site,) = re.findall(r"listen 127.0.0.1:(\d+) ssl", (tmp_path / "sites-available" / "hmis").read_text())
        nginx.send_signal(signal.SIGHUP)
        _until_listening(int(site))
        _proof_comes(door)
    finally:
        nginx.terminate()
        nginx.wait(10)


def _proof_comes(door: int) -> None:
    for path, status, part in (
        ("/.well-known/acme-challenge/token", 200, b"the proof"),
        ("/.well-known/acme-challenge/other", 404, b""),
        ("/app", 308, b""),
    ):
        connection = HTTPConnection("127.0.0.1", door, timeout=20)
        connection.request("GET", path, headers={"Host": "hmis.test"})
        answer = connection.getresponse()
        assert answer.status == status, path
        assert part in answer.read()
        assert status != 308 or answer.headers["Location"] == "https://hmis.test/app"
        connection.close()


def _layout_of_debian(folder: Path, door: int) -> None:
    """/etc/nginx as on a server: both sites of ours available, with ports and folders of this test."""
    (folder / "sites-available").mkdir()
    (folder / "sites-enabled").mkdir()
    shutil.copytree(OURS / "hmis", folder / "hmis")
    (folder / "hmis" / "policies.conf").write_text(page_policy.for_nginx(_pages(folder / "pages")))
    (folder / "answers.conf").write_text("set $hmis_app http://127.0.0.1:1;\n")
    openssl = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=hmis.test"
    files = "-keyout privkey.pem -out fullchain.pem"
    subprocess.run([*openssl.split(), *files.split()], cwd=folder, check=True, capture_output=True)
    for site, ours in (("hmis", "host.conf"), ("hmis-door", "door.conf")):
        text = (OURS / ours).read_text().replace("@DOMAIN@", "hmis.test")
        text = re.sub(r"listen \[::\].*\n", "", text).replace("/var/www/acme", f"{folder}/acme")
        text = text.replace("/etc/hmis/tls/", f"{folder}/").replace("/etc/hmis/", f"{folder}/")
        text = text.replace("listen 80 ", f"listen 127.0.0.1:{door} ")
        text = text.replace("listen 443 ", f"listen 127.0.0.1:{_free_port()} ")
        text = text.replace("127.0.0.1:5000", f"127.0.0.1:{_free_port()}")
        (folder / "sites-available" / site).write_text(text)
    _write_whole(folder, "include /etc/nginx/mime.types; include sites-enabled/*;")
