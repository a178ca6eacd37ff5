"""The built pages, as a browser fetches them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from hmis.app import create_app
from hmis.core.site import Site
from hmis.core.store import Store

PAGE = "<!doctype html><title>Sign in</title><script>begin()</script><script src='/x.js'></script>"


@pytest.fixture
def browser(store: Store, tmp_path: Path) -> FlaskClient:
    """A browser at a hospital whose site is four files."""
    folder = tmp_path / "site"
    (folder / "_app/immutable").mkdir(parents=True)
    (folder / "app.html").write_text(PAGE)
    (folder / "sign-up.html").write_text(PAGE)
    (folder / "_app/immutable/x.js").write_text("begin()")
    (folder / "_app/immutable/x.js.gz").write_bytes(gzip.compress(b"begin()"))
    return create_app(store=store, site=Site(folder)).test_client()


def test_a_page_runs_the_scripts_it_was_built_with_and_no_others(browser: FlaskClient) -> None:
    answer = browser.get("/sign-up")
    policy = answer.headers["Content-Security-Policy"]
    assert answer.status_code == 200
    assert "script-src 'self' 'sha256-" in policy
    assert policy.count("sha256-") == 1, "the script of a file of its own needs none"
    assert "'unsafe-inline'" not in policy.split("style-src-attr")[0]
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("address", ["/app", "/app/p/104226784/obs"])
def test_every_address_of_the_app_opens_the_app(browser: FlaskClient, address: str) -> None:
    assert browser.get(address).text == PAGE


def test_what_has_its_content_in_its_name_is_kept_for_a_year_and_the_rest_is_asked_for_anew(
    browser: FlaskClient,
) -> None:
    assert "immutable" in browser.get("/_app/immutable/x.js").headers["Cache-Control"]
    first = browser.get("/app")
    assert first.headers["Cache-Control"] == "no-cache"
    again = browser.get("/app", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.text) == (304, "")


def test_a_browser_that_unpacks_gets_it_packed(browser: FlaskClient) -> None:
    packed = browser.get("/_app/immutable/x.js", headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == b"begin()"
    plain = browser.get("/_app/immutable/x.js", headers={"Accept-Encoding": "gzip;q=0"})
    assert (plain.headers.get("Content-Encoding"), plain.text) == (None, "begin()")
    assert "Accept-Encoding" in plain.headers["Vary"]


def test_what_is_no_page_is_not_found_and_said_in_the_form_of_the_api(browser: FlaskClient) -> None:
    for address in ("/_app/immutable/y.js", "/../pyproject.toml", "/%2e%2e/pyproject.toml", "/api/v1/nothing"):
        answer = browser.get(address)
        assert (answer.status_code, answer.content_type) == (404, "application/problem+json"), address
