"""What the commonest tasks cost a hand: real keys and clicks, at or below the targets of the design.

For comparison, counted in the end-to-end tests of others (clicks / keys): find and open a chart, OpenMRS 3 2 / 6;
observations, OpenMRS 3 4 / 20 without a score, CARE 14 / 15; one medicine, OpenMRS 3 15 / 19, CARE 13 / 12; a note with
diagnosis and medicine, OpenMRS 3 19 / 231. Registration and check-in are counted in `test_reception.py`.
"""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.hospital import Hospital
from tests.browser.meter import Effort, Meter
from tests.browser.test_consulting import choose_medicine, consult_of
from tests.browser.test_observations import ILL, measure


def _at_most(meter: Meter, keys: int) -> Effort:
    effort = meter.effort()
    assert effort.clicks == 0, effort
    assert 0 < effort.keys <= keys, effort
    return effort


def test_a_finding_a_patient_and_opening_the_chart_takes_seven_keys(open_as: Open) -> None:
    page = open_as("nurse")
    meter = Meter(page)
    page.keyboard.type("/adey")
    expect(page.get_by_role("dialog", name="Find").get_by_text("Near-identical names")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Patient banner")).to_contain_text("ADEYEMI")
    _at_most(meter, 7)


def test_c_eight_observations_with_their_score_take_27_keys(open_as: Open, hospital: Hospital) -> None:
    page = open_as("nurse", f"/app/p/{hospital.patients['musa']['id']}/obs")
    expect(page.get_by_label("Respirations")).to_be_focused()
    meter = Meter(page)
    measure(page, ILL)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="NEWS2 9")).to_be_visible()
    _at_most(meter, 27)


def test_d_one_medicine_takes_26_keys_and_a_favourite_12(open_as: Open, hospital: Hospital) -> None:
    page = open_as("doctor", consult_of(hospital, "musa"))
    basket = page.get_by_role("region", name="In this consultation")
    expect(page.get_by_label("History, examination and plan")).to_be_focused()
    page.keyboard.type("Cough")
    page.keyboard.press("Enter")
    meter = Meter(page)
    choose_medicine(page, "amox 500mg tds 5/7", "amoxicillin")
    page.keyboard.press("Enter")
    expect(basket).to_contain_text("three times a day")
    _at_most(meter, 26)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("dialog", name="Sign for MUSA, Ibrahim")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Signed", level=1)).to_be_visible()
    page.goto(consult_of(hospital, "folasade"))
    expect(page.get_by_label("History, examination and plan")).to_be_focused()
    meter.restart()
    page.keyboard.type("/rx ")
    expect(page.get_by_text("You prescribe often")).to_be_visible()
    page.keyboard.press("Alt+1")
    expect(page.get_by_role("group", name="As it will be written")).to_contain_text("three times a day")
    page.keyboard.press("Enter")
    expect(basket).to_contain_text("three times a day")
    _at_most(meter, 12)


def test_g_a_note_with_diagnosis_and_medicine_signed_takes_248_keys(open_as: Open, hospital: Hospital) -> None:
    page = open_as("doctor", consult_of(hospital))
    expect(page.get_by_label("History, examination and plan")).to_be_focused()
    meter = Meter(page)
    page.keyboard.type(("Fever and chills for 3 days, worse at night. No cough. " * 4)[:200])
    page.keyboard.press("Enter")
    page.keyboard.type("/dx malaria")
    expect(page.get_by_role("listbox", name="Found").get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    choose_medicine(page, "amox 500mg tds 5/7", "amoxicillin")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="In this consultation")).to_contain_text("amoxicillin")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("dialog", name="Sign for ADEYEMI, Folasade")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Signed", level=1)).to_be_visible()
    effort = _at_most(meter, 248)
    assert effort.keys > 200
