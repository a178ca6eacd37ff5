"""From right to left: all is mirrored but what is read from left to right everywhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Open
from tests.browser.hospital import Hospital
from tests.browser.test_every_page import address

PLACES = """(where, parts) => {
    const walker = document.createTreeWalker(where, NodeFilter.SHOW_TEXT);
    const nodes = [];
    while (walker.nextNode()) nodes.push(walker.currentNode);
    const whole = nodes.map((one) => one.data).join('');
    let from = 0;
    return parts.map((part) => {
        let at = whole.indexOf(part, from);
        if (at < 0) return `no ${part} in ${JSON.stringify(whole)}`;
        from = at + part.length;
        for (const node of nodes) {
            if (at < node.data.length) {
                const range = document.createRange();
                range.setStart(node, at);
                range.setEnd(node, Math.min(at + part.length, node.data.length));
                const box = range.getBoundingClientRect();
                return [Math.round(box.left), Math.round(box.top / 12)];
            }
            at -= node.data.length;
        }
    });
}"""


def _reads_left_to_right(where: Locator, *parts: str) -> None:
    """Whether the parts, on one line, stand in that order from the left."""
    expect(where).to_be_visible()
    places = where.evaluate(f"(one, parts) => ({PLACES})(one, parts)", list(parts))
    assert all(isinstance(one, list) for one in places), places
    assert places == sorted(places), dict(zip(parts, places, strict=True))
    assert len({left for left, _ in places}) == len(parts)


@pytest.fixture
def chart(hospital: Hospital) -> str:
    """Folasade's, with a fever and a medicine for it."""
    address("[consultation]", hospital)
    there = f"/patients/{hospital.patients['folasade']['id']}"
    hospital.has("nurse").does(
        "POST",
        f"{there}/vitals",
        {"temperature_celsius": 38.4, "systolic_mmhg": 118, "diastolic_mmhg": 76, "weight_kg": 61.5},
    )
    return f"/app/p/{hospital.patients['folasade']['id']}"


def test_dates_values_medicines_and_what_is_typed_read_from_left_to_right(open_as: Open, chart: str) -> None:
    page = open_as("doctor", f"{chart}/consult")
    page.evaluate("localStorage.setItem('hmis-locale', 'x-mirror')")
    page.reload()
    assert page.evaluate("document.documentElement.dir") == "rtl"
    banner = page.get_by_role("region").filter(has_text="ADEYEMI, Folasade").first
    born = banner.locator("dd").first
    _reads_left_to_right(born, "14", "Aug", "1981")
    _reads_left_to_right(born, "45", "y")
    _reads_left_to_right(banner.locator("dd.id"), *banner.locator("dd.id").inner_text().split())
    page.goto(chart)
    main = page.get_by_role("main")
    for value in (("38.4", "°C"), ("118", "/", "76")):
        _reads_left_to_right(main.locator("dd").filter(has_text=value[0]).first, *value)
    line = main.locator(".line").filter(has_text="paracetamol").first
    _reads_left_to_right(line, "paracetamol", "500", "mg", "1,000", "mg")
    page.goto(f"{chart}/consult")
    _reads_left_to_right(main.get_by_role("button", name="/dx"), "/", "dx")
    page.get_by_role("combobox", name="médícíñé").fill("/")
    assert main.get_by_role("combobox").evaluate("(one) => getComputedStyle(one).direction") == "ltr"
    banner.locator("summary").click()
    _reads_left_to_right(banner.locator("dd").filter(has_text="61.5"), "61.5", "kg")


def test_a_reminder_of_the_day_and_the_hour_reads_from_left_to_right(open_as: Open, chart: str) -> None:
    page = open_as("nurse", f"{chart}/obs", locale="en-GB")
    page.evaluate("localStorage.setItem('hmis-locale', 'x-mirror')")
    page.reload()
    recorded = page.get_by_role("main").locator("article, section").filter(has_text="38.4").last
    _reads_left_to_right(recorded, "38.4", "°C")
