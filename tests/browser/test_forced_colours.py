"""In the few colours a person chose for everything, what is current or chosen can still be told."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Open
from tests.browser.hospital import Hospital


def _style(of: Locator, name: str) -> str:
    value: str = of.evaluate("(one, name) => getComputedStyle(one).getPropertyValue(name)", name)
    return value


def test_the_tab_one_is_at_and_the_hit_one_chose_can_be_told(open_as: Open, hospital: Hospital) -> None:
    page = open_as("doctor", f"/app/p/{hospital.patients['musa']['id']}", forced_colors="active")
    tabs = page.get_by_role("navigation", name="Chart")
    here, other = tabs.get_by_role("link", name="Summary"), tabs.get_by_role("link", name="Timeline")
    assert _style(here, "border-bottom-color") != _style(other, "border-bottom-color")
    page.keyboard.press("Control+k")
    page.keyboard.type("queue")
    hit = page.get_by_role("dialog", name="Find").get_by_role("option", selected=True)
    expect(hit).to_be_visible()
    assert _style(hit, "outline-style") == "solid"
    page.keyboard.press("ArrowDown")
    page.goto("/app/queue")
    places = page.get_by_role("navigation", name="Places")
    assert "underline" in _style(places.get_by_role("link", name="Queue"), "text-decoration")
    assert "underline" not in _style(places.get_by_role("link", name="Patients"), "text-decoration")
