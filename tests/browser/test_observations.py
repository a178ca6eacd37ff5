"""A nurse measures, in the order of the bedside, without lifting a hand from the keys."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESK, PHONE, Open, no_violations
from tests.browser.hospital import Hospital

CALM = ["16", "98", "a", "120", "80", "70", "A", "36.8"]
ILL = ["23", "93", "o", "104", "66", "108", "A", "38.4"]


def observe(page: Page, values: list[str]) -> None:
    """Type one set, beginning in the field that has the focus, and save it."""
    measure(page, values)
    page.keyboard.press("Control+Enter")


def measure(page: Page, values: list[str]) -> None:
    """Type one set and leave it standing."""
    first = page.get_by_label("Respirations")
    expect(first).to_be_focused()
    for number, value in enumerate(values):
        if number:
            page.keyboard.press("Tab")
        page.keyboard.type(value)


def _comes_to_stand_above(upper: Locator, lower: Locator) -> bool:
    """Whether, once the page has settled in its new size, nothing of the one lies under the other."""
    for _ in range(20):
        above, below = upper.bounding_box(), lower.bounding_box()
        if above and below and above["y"] + above["height"] <= below["y"]:
            return True
        upper.page.wait_for_timeout(100)
    return False


def test_a_calm_set_is_saved_by_keys_and_stands_in_the_chart(open_as: Open, hospital: Hospital) -> None:
    musa = hospital.patients["musa"]["id"]
    page = open_as("nurse", f"/app/p/{musa}/obs")
    measure(page, CALM)
    expect(page.get_by_role("group", name="Score")).to_contain_text("NEWS2 0")
    no_violations(page)
    page.keyboard.press("Control+Enter")
    message = page.get_by_role("status").filter(has_text="Saved")
    expect(message).to_contain_text("NEWS2 0")
    for size in (DESK, PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert _comes_to_stand_above(page.get_by_role("button", name="Save", exact=True), message), size
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    recorded = page.get_by_role("article").filter(has_text="Observations")
    expect(recorded).to_contain_text("written")
    expect(recorded).to_contain_text("by you")
    expect(page.get_by_label("Respirations")).to_be_focused()
    [kept] = hospital.has("nurse").does("GET", f"/patients/{musa}/vitals")["items"]
    assert (kept["news2"]["total"], kept["systolic_mmhg"], kept["temperature_celsius"]) == (0, 120, 36.8)
    no_violations(page)


def test_an_ill_patient_is_pinned_on_the_doctors_queue_within_seconds(open_as: Open, hospital: Hospital) -> None:
    doctor = open_as("doctor", "/app/queue")
    rows = doctor.get_by_role("region", name="Who is here").get_by_role("button")
    expect(rows.first).to_contain_text("ADEYEMI, Folasade")
    page = open_as("nurse", f"/app/p/{hospital.patients['musa']['id']}/obs")
    measure(page, ILL)
    score = page.get_by_role("group", name="Score")
    expect(score).to_contain_text("NEWS2 9")
    expect(score).to_contain_text("High")
    expect(page.get_by_role("button", name="Save and escalate")).to_be_visible()
    page.keyboard.press("Control+Enter")
    said = page.get_by_role("status").filter(has_text="NEWS2 9")
    expect(said).to_contain_text("Marked urgent on the queue; that calls nobody: call.")
    no_violations(page)
    expect(rows.first).to_contain_text("MUSA, Ibrahim")
    expect(rows.first).to_contain_text("Urgent")
    no_violations(doctor)


def test_one_parameter_of_three_points_is_said(open_as: Open, hospital: Hospital) -> None:
    page = open_as("nurse", f"/app/p/{hospital.patients['musa']['id']}/obs")
    measure(page, ["8", *CALM[1:]])
    score = page.get_by_role("group", name="Score")
    expect(score).to_contain_text("NEWS2 3")
    expect(score).to_contain_text("One parameter scores 3")


def test_what_was_not_measured_is_not_assumed(open_as: Open, hospital: Hospital) -> None:
    page = open_as("nurse", f"/app/p/{hospital.patients['musa']['id']}/obs")
    measure(page, [*CALM[:6], "", CALM[7]])
    expect(page.get_by_role("group", name="Score")).to_contain_text("NEWS2 incomplete")


def test_a_slip_of_the_finger_is_asked_about_and_nothing_is_saved_over_it(open_as: Open, hospital: Hospital) -> None:
    musa = hospital.patients["musa"]["id"]
    page = open_as("nurse", f"/app/p/{musa}/obs")
    observe(page, [*CALM[:7], "98.6"])
    temperature = page.get_by_label("Temperature")
    expect(temperature).to_be_focused()
    expect(temperature).to_have_attribute("aria-invalid", "true")
    assert hospital.has("nurse").does("GET", f"/patients/{musa}/vitals")["items"] == []
    no_violations(page)
    page.keyboard.press("Enter")
    expect(temperature).to_have_value("37.0")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()


def test_a_child_gets_no_score(open_as: Open, hospital: Hospital) -> None:
    page = open_as("nurse", f"/app/p/{hospital.patients['bala']['id']}/obs")
    measure(page, CALM)
    expect(page.get_by_role("group", name="Score")).to_contain_text("NEWS2 is not for under 16")


def test_what_cannot_be_is_not_scored(open_as: Open, hospital: Hospital) -> None:
    page = open_as("nurse", f"/app/p/{hospital.patients['musa']['id']}/obs")
    measure(page, ["18", "101", "a", "80", "120", "400", "A", "3.7"])
    page.keyboard.press("Tab")
    score = page.get_by_role("group", name="Score")
    expect(score).to_contain_text("NEWS2 incomplete")
    expect(score).to_contain_text("Not measured: SpO₂ (scale 1), Systolic BP, Pulse, Temperature")
    expect(score).not_to_contain_text("points already")


def test_an_old_score_does_not_stand_for_how_the_patient_is_now(open_as: Open, hospital: Hospital) -> None:
    musa = hospital.patients["musa"]["id"]
    ill = {"respirations_per_min": 26, "spo2_percent": 90, "oxygen": True, "systolic_mmhg": 95, "diastolic_mmhg": 60}
    ill |= {"pulse_per_min": 120, "consciousness": "A", "temperature_celsius": 38.4}
    taken = (hospital.now - timedelta(days=2)).isoformat()
    hospital.has("nurse").does("POST", f"/patients/{musa}/vitals", {**ill, "taken_at": taken, "confirmed": True})
    page = open_as("doctor", f"/app/p/{musa}")
    banner = page.get_by_role("region", name="Patient banner")
    expect(banner).to_contain_text(re.compile(r"No NEWS2 today \(13 on \d\d‑\w{3}‑\d{4}\)"))
    expect(page.get_by_text("Not of today: how the patient is now was not measured.")).to_be_visible()
    expect(page.get_by_text("Emergency")).to_have_count(0)
    no_violations(page)
    hospital.has("nurse").does("POST", f"/patients/{musa}/vitals", {**ill, "confirmed": True})
    page.reload()
    expect(banner).to_contain_text("NEWS2 13")
    expect(page.get_by_text("Not of today")).to_have_count(0)
