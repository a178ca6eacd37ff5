"""Every page, in the light and in the dark, in English and from right to left, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Open, no_violations
from tests.browser.hospital import Hospital
from tests.browser.watch import Watch

ROUTES = Path(__file__).parents[2] / "web" / "src" / "routes"

OF_NOBODY = ["/", "/login", "/received", "/set-password", "/fr", "/fr/login", "/fr/received", "/fr/set-password"]
OF_SOMEBODY = {
    "/app/admin": "admin",
    "/app/admin/audit": "admin",
    "/app/admin/requests": "admin",
    "/app/admin/roles": "admin",
    "/app/admin/staff": "admin",
    "/app/admin/staff/[id]": "admin",
    "/app/admin/staff/new": "admin",
    "/app/drugs": "pharmacist",
    "/app/me": "nurse",
    "/app/p/[id]": "doctor",
    "/app/p/[id]/card": "recordofficer",
    "/app/p/[id]/consult": "doctor",
    "/app/p/[id]/consult/[cid]/print": "doctor",
    "/app/p/[id]/identity": "recordofficer",
    "/app/p/[id]/notes": "nurse",
    "/app/p/[id]/obs": "nurse",
    "/app/p/[id]/rx": "doctor",
    "/app/p/[id]/timeline": "doctor",
    "/app/patients": "recordofficer",
    "/app/patients/new": "recordofficer",
    "/app/pharmacy": "pharmacist",
    "/app/pharmacy/[patient]/[consultation]": "pharmacist",
    "/app/queue": "doctor",
    "/app/reception": "recordofficer",
}
SENT_ON = {"/app"}
"""Pages that only lead to others."""


def test_no_page_is_forgotten() -> None:
    """A new page of the app has to be looked at here too."""
    there = {
        "/" + page.parent.relative_to(ROUTES).as_posix().removeprefix(".") for page in ROUTES.rglob("+page.svelte")
    }
    looked_at = {*OF_NOBODY, *OF_SOMEBODY, *SENT_ON}
    assert there == looked_at


def address(path: str, hospital: Hospital) -> str:
    """The page of somebody or something that is there: Folasade, with a consultation that prescribes for her."""
    patient = hospital.patients["folasade"]["id"]
    consultation = ""
    if "[cid]" in path or "[consultation]" in path:
        doctor = hospital.has("doctor")
        chart = f"/patients/{patient}/consultations"
        consultation = doctor.does("POST", chart, {"presenting_complaint": "Fever", "diagnoses": []})["id"]
        [drug, *_] = doctor.does("GET", "/drugs?q=paracetamol")["items"]
        line = {"drug_id": drug["id"], "dose": 1000, "dose_unit": "mg", "frequency": "tds", "duration_days": 3}
        doctor.does("POST", f"{chart}/{consultation}/prescription", {"drugs": [line]})
    if path.startswith("/app/admin/staff/["):
        patient = hospital.has("admin").does("GET", "/staffs/nurses")["items"][0]["id"]
    for name, found in (("[id]", patient), ("[patient]", patient), ("[cid]", consultation)):
        path = path.replace(name, found)
    return path.replace("[consultation]", consultation)


def _settle(page: Page, watch: Watch) -> None:
    expect(page.get_by_role("main")).to_be_visible()
    watch.until_answered(page)


COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules that look at colours: in the dark nothing else is different, for the app's HTML knows of no theme."""
LAYOUT = ["color-contrast", "target-size", "scrollable-region-focusable"]
"""The rules that look at where things lie. From right to left the HTML is the same but for its words and its `dir`,
and so are the colours: the light is enough, to find what now lies upon something else."""
LANGUAGE = ["html-has-lang", "html-lang-valid", "valid-lang", "html-xml-lang-mismatch"]


def _look_from_all_sides(page: Page, where: str, *, mirrored: bool = False) -> None:
    for size in (DESK, PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        if mirrored:
            no_violations(page, f"{where} mirrored {size['width']}", only=[*LAYOUT, *LANGUAGE])
        else:
            no_violations(page, f"{where} light {size['width']}")
            page.emulate_media(color_scheme="dark")
            no_violations(page, f"{where} dark {size['width']}", only=COLOURS)
            page.emulate_media(color_scheme="light")
        _stays_in_its_width(page, where)
    page.set_viewport_size({"width": 320, "height": 640})
    _stays_in_its_width(page, where)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]


def _stays_in_its_width(page: Page, where: str) -> None:
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    wide, room = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= room, f"{where} is {wide} px wide in {room}: {page.evaluate(_TOO_WIDE)}"


_TOO_WIDE = """
() => [...document.querySelectorAll('body *')]
    .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1
        || one.getBoundingClientRect().left < -1)
    .slice(0, 6)
    .map((one) => one.outerHTML.slice(0, 120))
"""


@pytest.mark.parametrize("path", [*OF_NOBODY, *OF_SOMEBODY])
def test_every_page_is_sound_from_all_sides(
    path: str, open_as: Open, nobody: Callable[..., Page], hospital: Hospital, watch: Watch
) -> None:
    where = address(path, hospital)
    page = open_as(OF_SOMEBODY[path], where) if path in OF_SOMEBODY else nobody(where)
    _settle(page, watch)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.get_by_role("heading", name="There is no such page here")).to_have_count(0)
    assert page.evaluate("document.documentElement.dir") in ("", "ltr")
    _can_be_walked(page, path)
    page.evaluate("document.activeElement?.blur?.(); window.scrollTo(0, 0)")
    _look_from_all_sides(page, path)
    if path in OF_NOBODY:
        return  # made beforehand, once for each language
    page.evaluate("localStorage.setItem('hmis-locale', 'x-mirror')")
    page.reload()
    _settle(page, watch)
    assert page.evaluate("document.documentElement.dir") == "rtl"
    _look_from_all_sides(page, path, mirrored=True)


def _can_be_walked(page: Page, where: str) -> None:
    """Tab after tab: each stop shows that it has the focus, and nothing lies over it."""
    page.evaluate("document.activeElement?.blur?.(); window.scrollTo(0, 0)")
    before = None
    for _ in range(80):
        page.keyboard.press("Tab")
        stop = _stop(page)
        if stop is None or stop["n"] == before:
            return
        before = stop["n"]
        assert stop["shown"], f"{where}: the focus cannot be seen on {stop['html']}"
        assert stop["free"], f"{where}: something lies over {stop['html']}"


def _stop(page: Page) -> dict[str, Any] | None:
    """Where the focus is, once the page has scrolled there."""
    stop: dict[str, Any] | None = None
    for _ in range(10):
        stop = page.evaluate(_STOP)
        if stop is None or (stop["shown"] and stop["free"]):
            break
        page.wait_for_timeout(50)
    return stop


_STOP = """
() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const box = one.getBoundingClientRect();
    const style = getComputedStyle(one);
    const around = getComputedStyle(one.parentElement);
    const ring = (s) => (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2) || s.boxShadow !== 'none';
    const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1);
    const y = Math.min(Math.max(box.top + Math.min(box.height / 2, 20), 1), innerHeight - 1);
    const on = document.elementFromPoint(x, y);
    return {
        n: [...document.querySelectorAll('*')].indexOf(one),
        html: one.outerHTML.slice(0, 140),
        shown: ring(style) || ring(around) || parseFloat(style.borderBottomWidth) >= 3,
        free: box.width < 2 || !on || one.contains(on) || on.contains(one) || !!on.closest('label')
    };
}
"""
