"""A hospital with screens. Each test finds it as it was furnished; what goes wrong behind a screen fails the test."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from tests.browser import chromium
from tests.browser.hospital import Hospital, furnished_once, sign_in
from tests.browser.meter import COUNTING
from tests.browser.watch import Watch
from tests.conftest import SERVER

HERE = Path(__file__).parent
DESK = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

Open = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a browser where there is none, unless it is required; and leave it to SQLite alone."""
    lacking = "they run once, on SQLite" if SERVER else None if chromium.REQUIRED else chromium.missing()
    for item in items:
        if lacking and HERE in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=f"NOT TESTED IN A BROWSER: {lacking}"))


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    lacking = chromium.missing()
    assert lacking is None, lacking
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium.chromium(), args=chromium.FLAGS)
    expect.set_options(timeout=15_000)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def building(
    playwright: Playwright, blank: Any, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Iterator[Hospital]:
    own = tmp_path_factory.getbasetemp()
    furnished = furnished_once(blank, own if worker_id == "master" else own.parent)
    hospital = Hospital(playwright, furnished, tmp_path_factory.mktemp("hospital"))
    hospital.start()
    yield hospital
    hospital.stop()


@pytest.fixture
def hospital(building: Hospital) -> Hospital:
    """The hospital at nine in the morning, as furnished."""
    building.freshen()
    return building


@pytest.fixture
def watch() -> Iterator[Watch]:
    """What must not happen behind the screens; asked at the end."""
    watch = Watch()
    yield watch
    assert not watch.faults, "\n".join(watch.faults)


@pytest.fixture
def open_browser(browser: Browser, hospital: Hospital, watch: Watch) -> Iterator[Callable[..., Any]]:
    """Somebody sits down at a computer of their own: a browser context. All are closed at the end."""
    contexts = []

    def sit_down(**how: Any) -> Any:
        options = {
            "base_url": hospital.url,
            "viewport": DESK,
            "locale": "en-GB",
            "reduced_motion": "reduce",
            "service_workers": "allow",
        }
        context = browser.new_context(**{**options, **how})
        context.set_default_timeout(20_000)
        context.add_init_script(COUNTING)
        watch.over(context)
        contexts.append(context)
        return context

    yield sit_down
    for context in contexts:
        context.close()


@pytest.fixture
def open_as(open_browser: Callable[..., Any]) -> Open:
    """A page of somebody who is signed in, at a computer of their own; with `clock`, its time is the test's to move."""

    def open_(username: str, path: str = "/app", *, clock: bool = False, **how: Any) -> Page:
        context = open_browser(**how)
        sign_in(context.request, username)
        page: Page = context.new_page()
        if clock:
            page.clock.install()
        page.goto(path)
        if path == "/app":  # the home of their role is another page
            expect(page).not_to_have_url(re.compile(r"/app$"))
        expect(page.get_by_role("heading", level=1)).to_be_attached()
        return page

    return open_


@pytest.fixture
def nobody(open_browser: Callable[..., Any]) -> Callable[..., Page]:
    """A page of somebody who is not signed in; `clock` as above."""

    def open_(path: str = "/", *, clock: bool = False, **how: Any) -> Page:
        page: Page = open_browser(**how).new_page()
        if clock:
            page.clock.install()
        page.goto(path)
        return page

    return open_


def app_is_kept(page: Page) -> None:
    """The first visit has put the app on this device; nobody did anything for it."""
    page.evaluate("navigator.serviceWorker.ready")


def loses_the_line(page: Page) -> None:
    """This computer reaches nobody, until `page.context.set_offline(False)`."""
    app_is_kept(page)  # what is halfway through being kept would still get through
    page.context.set_offline(True)


def _violations(page: Page, only: list[str]) -> list[str]:
    page.evaluate("window.scrollTo({ top: 0, behavior: 'instant' })")  # what is half under a fixed part is not small
    page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null)))")
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(chromium.AXE.read_text())
    what = {"type": "rule", "values": only} if only else {"type": "tag", "values": _RULES}
    found = page.evaluate(
        "(what) => axe.run(document, { runOnly: what, resultTypes: ['violations'] }).then((told) => told.violations)",
        what,
    )
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def no_violations(page: Page, where: str = "", *, only: list[str] | None = None) -> None:
    """The page breaks no rule of WCAG 2.0 to 2.2, A and AA, nor of axe's best practice; or none of `only`."""
    told = _violations(page, only or [])
    if told:  # a theme that was switched just now may still be drawn: what counts is what stays
        page.wait_for_timeout(500)
        told = _violations(page, only or [])
    assert told == [], f"{where or page.url}: {told}"
