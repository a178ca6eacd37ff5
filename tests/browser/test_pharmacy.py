"""The pharmacist's queue: the oldest first, and all of them within reach."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Open, no_violations
from tests.browser.hospital import Hospital

STEP = 50


def _prescribes(hospital: Hospital, *patients: str) -> None:
    doctor = hospital.has("doctor")
    [drug] = doctor.does("GET", "/drugs?q=amoxicillin")["items"]
    line = {"drug_id": drug["id"], "dose": 500, "dose_unit": "mg", "frequency": "tds", "duration_days": 5}
    meeting = {
        "consultation": {"presenting_complaint": "Cough"},
        "prescription": {"drugs": [{**line, "confirmed": True}]},
    }
    for patient in patients:
        doctor.does("POST", f"/patients/{hospital.patients[patient]['id']}/signings", meeting)


def test_what_was_dispensed_is_said_and_the_next_one_is_a_key_away(open_as: Open, hospital: Hospital) -> None:
    _prescribes(hospital, "folasade", "musa")
    page = open_as("pharmacist")
    banner = page.get_by_role("region", name="Patient banner")
    expect(banner).to_contain_text("ADEYEMI, Folasade")
    page.get_by_label(re.compile("Give")).fill("10")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Dispensed: 10 of 15 to ADEYEMI, Folasade")).to_be_focused()
    expect(banner).to_contain_text("ADEYEMI, Folasade")
    no_violations(page)
    page.get_by_role("button", name="What is left of it").press("Enter")
    expect(page.get_by_role("button", name=re.compile("^Dispense 5 of 5"))).to_be_enabled()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Dispensed: 5 of 5 to ADEYEMI, Folasade")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(banner).to_contain_text("MUSA, Ibrahim")
    expect(page.get_by_role("region", name="Dispensing queue").locator("[aria-current]")).to_be_focused()
    expect(page.get_by_role("button", name=re.compile("^Dispense 15 of 15"))).to_be_enabled()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Dispensed: 15 of 15 to MUSA, Ibrahim")).to_be_focused()
    expect(page.get_by_role("link", name="Next in the queue")).to_have_count(0)


def test_a_queue_of_more_than_is_shown_says_so_and_shows_the_rest(open_as: Open, hospital: Hospital) -> None:
    _prescribes(hospital, *["folasade"] * STEP, "eze", "eze")
    page = open_as("pharmacist")
    queue = page.get_by_role("region", name="Dispensing queue")
    rows = queue.get_by_role("listitem")
    expect(rows).to_have_count(STEP)
    expect(queue).to_contain_text("more than 50 waiting")
    expect(rows.filter(has_text="EZE, Ngozi")).to_have_count(0)
    no_violations(page)
    queue.get_by_role("button", name="Show more").press("Enter")
    expect(rows).to_have_count(STEP + 2)
    expect(rows.filter(has_text="EZE, Ngozi").first.get_by_role("link")).to_be_focused()
    expect(queue).to_contain_text("52 waiting")
    expect(queue.get_by_role("button", name="Show more")).to_have_count(0)
    no_violations(page)
