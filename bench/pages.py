"""`python -m bench.pages`: how long the pages take on a slow line and a slow processor, as a table for the docs.

Chromium, 1366 x 768, nothing in its cache, 1.6 Mbit/s down, 0.75 Mbit/s up, 300 ms there and back, the processor
slowed four times; the server is `hmis serve` with a demo hospital on this machine. Each page three times, the median.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median

from playwright.sync_api import Browser, Page, expect, sync_playwright

from hmis.staff.passwords import DEMO_PASSWORD
from tests.browser import chromium
from tests.browser.demo import demo_hospital

TIMES = 3
SLOWER = 4
HOMES = {
    "record officer": "recordofficer",
    "nurse": "nurse",
    "doctor": "doctor",
    "pharmacist": "pharmacist",
    "administrator": "admin",
}
_WATCH = """
window.paints = { largest: 0 };
new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.paints.largest = entry.startTime;
}).observe({ type: 'largest-contentful-paint', buffered: true });
"""
_READ = """
() => ({
    first: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
    largest: window.paints.largest,
    script: performance.getEntriesByType('resource').filter((one) => one.name.endsWith('.js'))
        .reduce((sum, one) => sum + one.transferSize, 0),
    all: performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))
        .reduce((sum, one) => sum + one.transferSize, 0)
})
"""


@dataclass(frozen=True)
class Opened:
    """One opening of a page: seconds and kB."""

    first: float
    largest: float
    usable: float
    script_kb: float
    all_kb: float


def main() -> None:
    """Measure and print."""
    with demo_hospital() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.chromium(), args=chromium.FLAGS)
        print(_table(browser, url))
        browser.close()


def _table(browser: Browser, url: str) -> str:
    rows = {"sign-in": [_open(browser, url, "/login", None) for _ in range(TIMES)]}
    for name, username in HOMES.items():
        rows[f"home of the {name}"] = [_open(browser, url, "/app", username) for _ in range(TIMES)]
    lines = [
        "| page, nothing cached | first paint, s | largest paint, s | usable, s | JavaScript, kB | in all, kB |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, opened in rows.items():
        first, largest, usable, script, whole = (
            median(getattr(one, what) for one in opened)
            for what in ("first", "largest", "usable", "script_kb", "all_kb")
        )
        lines.append(f"| {name} | {first:.2f} | {largest:.2f} | {usable:.2f} | {script:.0f} | {whole:.0f} |")
    return "\n".join(lines)


def _open(browser: Browser, url: str, path: str, username: str | None) -> Opened:
    context = browser.new_context(base_url=url, viewport={"width": 1366, "height": 768}, service_workers="block")
    if username:
        token = context.request.get("/auth/getcsrf").json()["csrf_token"]
        body = {"username": username, "password": DEMO_PASSWORD}
        assert context.request.post("/auth/login", data=body, headers={"X-CSRFToken": token}).ok
    page = context.new_page()
    page.add_init_script(_WATCH)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", chromium.SLOW_LINE)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    began = time.monotonic()
    page.goto(path, wait_until="commit")
    _usable(page, username)
    usable = time.monotonic() - began
    page.wait_for_load_state("networkidle")
    found = page.evaluate(_READ)
    context.close()
    return Opened(found["first"] / 1000, found["largest"] / 1000, usable, found["script"] / 1000, found["all"] / 1000)


def _usable(page: Page, username: str | None) -> None:
    """Until a hand can begin: the first field has the focus, or the heading of the home stands there."""
    if username is None:
        expect(page.get_by_label("Username or email")).to_be_focused(timeout=30_000)
        expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_enabled(timeout=30_000)
    else:
        page.get_by_role("heading", level=1).wait_for(timeout=30_000)


if __name__ == "__main__":
    main()
