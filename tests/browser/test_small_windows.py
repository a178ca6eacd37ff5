"""A phone upright and on its side, and a window that a keyboard has made low: the work has the room."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Open
from tests.browser.hospital import Hospital
from tests.browser.test_observations import CALM, ILL, measure

_PINNED = """
() => {
    scrollTo(0, 240);
    const stays = (one) => ['sticky', 'fixed'].includes(getComputedStyle(one).position);
    const pinned = (one) => one && (stays(one) || pinned(one.parentElement));
    let lines = 0;
    for (let y = 0; y < innerHeight; y += 2) if (pinned(document.elementFromPoint(innerWidth / 2, y))) lines += 2;
    return lines / innerHeight;
}
"""


@pytest.mark.parametrize(
    ("width", "height", "most"), [(390, 844, 0.33), (844, 390, 0.15), (390, 480, 0.2)], ids=["up", "side", "keyboard"]
)
def test_most_of_a_small_window_is_the_form(
    open_as: Open, hospital: Hospital, width: int, height: int, most: float
) -> None:
    page = open_as(
        "nurse", f"/app/p/{hospital.patients['musa']['id']}/obs", viewport={"width": width, "height": height}
    )
    measure(page, CALM)
    assert page.evaluate(_PINNED) <= most
    expect(page.get_by_role("region", name="Patient banner").get_by_text("MUSA, Ibrahim")).to_be_in_viewport(ratio=1)
    page.get_by_label("Pulse").focus()
    _lies_free(page)


@pytest.mark.parametrize("tongue", ["en-GB", "fr-CM"])
def test_on_a_phone_each_value_is_read_whole_and_the_act_stands_on_one_line(
    open_as: Open, hospital: Hospital, tongue: str
) -> None:
    page = open_as("nurse", f"/app/p/{hospital.patients['musa']['id']}/obs", viewport=PHONE, locale=tongue)
    first = page.locator("input[name=respirations_per_min]")
    expect(first).to_be_focused()
    for number, value in enumerate(ILL):
        if number:
            page.keyboard.press("Tab")
        page.keyboard.type(value)
    act = page.get_by_role("button", name="Save and escalate" if tongue == "en-GB" else "Enregistrer et alerter")
    what = page.get_by_text("What to do now" if tongue == "en-GB" else "Que faire maintenant")
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        expect(act).to_be_in_viewport(ratio=1)
        boxes = act.bounding_box(), page.get_by_role("group", name="Score").bounding_box(), what.bounding_box()
        button, bar, row = (box or {} for box in boxes)
        assert button["height"] <= 48  # one line, as high as a finger
        assert bar["y"] + bar["height"] - row["y"] - row["height"] <= 10  # what to do is the end of the bar
        cut = "(inputs) => inputs.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.name)"
        assert page.locator("form input").evaluate_all(cut) == []


def _lies_free(page: Page) -> None:
    lies = """() => {
        const { left, top, width, height } = document.activeElement.getBoundingClientRect();
        const corners = [top + 2, top + height - 2].map((y) => document.elementFromPoint(left + width / 4, y));
        return corners.every((one) => one === document.activeElement);
    }"""
    assert page.evaluate(lies), "something lies over the field that has the focus"


def test_the_queue_opens_at_its_head_though_the_next_one_stands_further_down(open_as: Open, hospital: Hospital) -> None:
    colleague = hospital.has("doctor2")
    for visit in colleague.does("GET", "/worklist")["items"][:2]:
        colleague.does("POST", f"/visits/{visit['id']}/move", {"to": "with_doctor"})
    page = open_as("doctor", "/app/queue", viewport={**PHONE, "height": 600})
    expect(page.locator(":focus")).to_contain_text("BALA, Sani")
    assert page.evaluate("scrollY") == 0
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    _lies_free(page)


@pytest.mark.parametrize("locale", ["en-GB", "fr-CM"])
def test_the_places_of_an_administrator_fit_on_a_phone(open_as: Open, hospital: Hospital, locale: str) -> None:
    page = open_as("admin", "/app/admin", viewport={"width": 360, "height": 700}, locale=locale)
    row = page.locator("header nav ul")
    expect(row.locator("li")).to_have_count(5)
    wide, room = row.evaluate("(one) => [one.scrollWidth, one.clientWidth]")
    assert wide <= room
