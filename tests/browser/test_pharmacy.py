"""The pharmacist's queue: the oldest first, and all of them within reach."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Open, no_violations
from tests.browser.hospital import Hospital

STEP = 50


def test_a_queue_of_more_than_is_shown_says_so_and_shows_the_rest(open_as: Open, hospital: Hospital) -> None:
    doctor = hospital.has("doctor")
    [drug] = doctor.does("GET", "/drugs?q=amoxicillin")["items"]
    line = {"drug_id": drug["id"], "dose": 500, "dose_unit": "mg", "frequency": "tds", "duration_days": 5}
    meeting = {
        "consultation": {"presenting_complaint": "Cough"},
        "prescription": {"drugs": [{**line, "confirmed": True}]},
    }
    for n in range(STEP + 2):
        patient = hospital.patients["folasade" if n < STEP else "eze"]["id"]
        doctor.does("POST", f"/patients/{patient}/signings", meeting)
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
