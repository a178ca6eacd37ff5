"""On a slow line, 1.6 Mbit/s and 300 ms there and back: what a page fetches before somebody can begin, nothing cached.

Bytes, requests and turns of the line are counted; seconds belong to a machine (`python -m bench.pages`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import chromium
from tests.browser.hospital import Hospital, sign_in

KB = 1000
HOMES = {
    "recordofficer": "/app/reception",
    "nurse": "/app/queue",
    "doctor": "/app/queue",
    "pharmacist": "/app/pharmacy",
    "admin": "/app/admin",
}
_FETCHED = """
() => performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource')).map((one) => ({
    path: new URL(one.name).pathname,
    began: one.startTime,
    ended: one.responseEnd,
    bytes: one.transferSize,
}))
"""
_FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


def _on_a_slow_line(context: BrowserContext) -> Page:
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", chromium.SLOW_LINE)
    return page


def _fetched(page: Page) -> list[dict[str, Any]]:
    """What has come by now, the page itself first."""
    come = [one for one in page.evaluate(_FETCHED) if one["ended"] > 0]
    return sorted(come, key=lambda one: float(one["began"]))


def _scripts(fetched: list[dict[str, Any]]) -> float:
    return sum(one["bytes"] for one in fetched if one["path"].endswith(".js")) / KB


def _turns(fetched: list[dict[str, Any]]) -> int:
    """How often the line was waited for: each request begins a turn after those that had ended when it began."""
    turns: list[int] = []
    for one in fetched:
        before = [turn for turn, other in zip(turns, fetched, strict=False) if other["ended"] <= one["began"]]
        turns.append(1 + max(before, default=0))
    return max(turns)


def _told(fetched: list[dict[str, Any]]) -> str:
    return "\n".join(f"{one['began']:6.0f} {one['ended']:6.0f} {one['bytes']:6} {one['path']}" for one in fetched)


def test_the_sign_in_page_is_there_after_a_few_requests(open_browser: Callable[..., Any]) -> None:
    page = _on_a_slow_line(open_browser())
    page.goto("/login", wait_until="commit")
    expect(page.get_by_label("Username or email")).to_be_focused()
    fetched = _fetched(page)
    drawn = [one for one in fetched if one["began"] < page.evaluate(_FIRST_PAINT)]
    assert _scripts(fetched) <= 40, _told(fetched)
    assert len(drawn) <= 8, _told(drawn)
    assert len(fetched) <= 10, _told(fetched)
    assert _turns(fetched) <= 4, _told(fetched)


@pytest.mark.parametrize("saving", [False, True])
def test_the_app_is_fetched_ahead_once_somebody_types_and_not_where_data_is_saved(
    open_browser: Callable[..., Any], saving: bool
) -> None:
    context = open_browser()
    if saving:
        context.add_init_script("Object.defineProperty(navigator, 'connection', { value: { saveData: true } })")
    page = context.new_page()
    page.goto("/login")
    login = page.get_by_label("Username or email")
    expect(login).to_be_focused()
    page.wait_for_timeout(700)
    assert _scripts(_fetched(page)) <= 40, _told(_fetched(page))
    page.keyboard.type("n")
    ahead = page.locator("link[rel=modulepreload]")
    if not saving:
        expect(ahead).not_to_have_count(0)
    else:
        page.wait_for_timeout(700)
        expect(ahead).to_have_count(0)


@pytest.mark.parametrize("username", HOMES)
def test_a_home_is_there_after_some_requests(
    username: str, open_browser: Callable[..., Any], hospital: Hospital
) -> None:
    context = open_browser()
    sign_in(context.request, username)
    page = _on_a_slow_line(context)
    page.goto("/app", wait_until="commit")
    page.wait_for_url(f"**{HOMES[username]}")
    expect(page.get_by_role("heading", level=1)).to_be_attached()
    fetched = _fetched(page)
    assert _scripts(fetched) <= 90, _told(fetched)
    assert len(fetched) <= 36, _told(fetched)
    assert _turns(fetched) <= 8, _told(fetched)
