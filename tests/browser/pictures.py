"""`make pictures`: the main screens of the demo hospital, as small pictures for README and docs. No test runs this."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from hmis.staff.passwords import DEMO_PASSWORD
from tests.browser import chromium
from tests.browser.demo import demo_hospital
from tests.browser.fewer_colours import fewer_colours

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
DESK = {"width": 1280, "height": 720}
PHONE = {"width": 390, "height": 844}
LARGEST = 150_000  # bytes

PLAIN = {
    "first-page": (None, "/"),
    "sign-in": (None, "/login"),
    "reception": ("recordofficer", "/app/reception"),
    "register": ("recordofficer", "/app/patients/new"),
    "queue": ("doctor", "/app/queue"),
    "pharmacy": ("pharmacist", "/app/pharmacy"),
    "system": ("admin", "/app/admin"),
    "audit": ("admin", "/app/admin/audit"),
}
OF_THE_FIRST_WHO_WAITS = {
    "chart": ("doctor", ""),
    "consultation": ("doctor", "/consult"),
    "observations": ("nurse", "/obs"),
}
ALSO_DARK = {"queue", "consultation", "observations"}
ALSO_PHONE = {"queue", "observations", "chart"}


def main() -> None:
    """Take all pictures."""
    with demo_hospital(500) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.chromium(), args=chromium.FLAGS)
        patient = _first_who_waits(browser, url)
        pages = {
            **PLAIN,
            **{name: (who, f"/app/p/{patient}{rest}") for name, (who, rest) in OF_THE_FIRST_WHO_WAITS.items()},
        }
        for name, (who, path) in pages.items():
            _take(browser, url, name, who, path, "light", DESK)
            if name in ALSO_DARK:
                _take(browser, url, f"{name}-dark", who, path, "dark", DESK)
            if name in ALSO_PHONE:
                _take(browser, url, f"{name}-phone", who, path, "light", PHONE)
        browser.close()


def _first_who_waits(browser: Browser, url: str) -> str:
    page = _page(browser, url, "doctor", "light", DESK)
    waiting = page.request.get("/api/v1/worklist").json()["items"]
    found: str = waiting[0]["patient"]["id"]
    page.context.close()
    return found


def _page(browser: Browser, url: str, who: str | None, theme: str, size: dict[str, int]) -> Page:
    context = browser.new_context(
        base_url=url,
        viewport=size,  # type: ignore[arg-type]
        color_scheme=theme,  # type: ignore[arg-type]
        reduced_motion="reduce",
        service_workers="block",
        locale="en-GB",
    )
    if who:
        token = context.request.get("/auth/getcsrf").json()["csrf_token"]
        body = {"username": who, "password": DEMO_PASSWORD}
        assert context.request.post("/auth/login", data=body, headers={"X-CSRFToken": token}).ok
    return context.new_page()


def _take(browser: Browser, url: str, name: str, who: str | None, path: str, theme: str, size: dict[str, int]) -> None:
    page = _page(browser, url, who, theme, size)
    page.goto(path)
    page.get_by_role("heading", level=1).wait_for(state="attached")
    page.wait_for_load_state("networkidle")
    if name.startswith("consultation"):
        page.get_by_label("History, examination and plan").fill("Fever and chills for 3 days, worse at night.")
        page.get_by_role("combobox", name=re.compile("Add a diagnosis")).focus()
        page.keyboard.type("/rx paracetamol 1g po qds prn pain max 4g 3/7")
        page.get_by_role("listbox", name="Found").get_by_role("option").first.wait_for()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_timeout(600)
    elif name.startswith("observations"):
        for number, value in enumerate(["23", "93", "o", "104", "66", "108", "A", "38.4"]):
            if number:
                page.keyboard.press("Tab")
            page.keyboard.type(value)
    file = FOLDER / f"{name}.png"
    file.write_bytes(fewer_colours(page.screenshot()))
    page.context.close()
    assert file.stat().st_size < LARGEST, f"{file.name} has {file.stat().st_size} bytes"


if __name__ == "__main__":
    main()
