"""A doctor's consultation: note, diagnoses and medicines on one page, one signature."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open, loses_the_line, no_violations
from tests.browser.hospital import Hospital
from tests.browser.watch import Watch

NOTE = "3 days of fever and chills. No vomiting. Chest clear."


def _line(page: Page) -> Locator:
    return page.get_by_role("combobox", name=re.compile("Add a diagnosis|Medicine|How to take it|Diagnosis"))


def _written(page: Page) -> Locator:
    return page.get_by_role("group", name="As it will be written")


def choose_medicine(page: Page, words: str, name: str) -> None:
    """Type a medicine's line from the empty line on, and choose the one product offered by that name."""
    page.keyboard.type(f"/rx {words}")
    expect(page.get_by_role("listbox", name="Found").get_by_role("option").filter(has_text=name).first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def consult_of(hospital: Hospital, name: str = "folasade") -> str:
    """Where a consultation with a patient is written."""
    return f"/app/p/{hospital.patients[name]['id']}/consult"


def test_a_whole_consultation_is_one_page_and_no_click(open_as: Open, hospital: Hospital) -> None:
    page = open_as("doctor", "/app/queue")
    row = page.get_by_role("region", name="Who is here").get_by_role("button").filter(has_text="ADEYEMI, Folasade")
    expect(row).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("History, examination and plan")).to_be_focused()
    where = page.url
    page.keyboard.type(NOTE)
    page.keyboard.press("Enter")
    page.keyboard.type("/dx malaria")
    expect(page.get_by_role("listbox", name="Found").get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    choose_medicine(page, "paracetamol 1g po qds prn pain max 4g 3/7", "paracetamol")
    expect(_written(page)).to_contain_text("four times a day")
    expect(_written(page)).to_contain_text("as required")
    expect(_written(page)).not_to_contain_text("qds")
    no_violations(page)
    page.keyboard.press("Enter")
    basket = page.get_by_role("region", name="In this consultation")
    expect(basket).to_contain_text("paracetamol")
    expect(basket).to_contain_text("alaria")
    page.keyboard.press("Control+Enter")
    sheet = page.get_by_role("dialog", name="Sign for ADEYEMI, Folasade")
    expect(sheet.get_by_role("heading", name="Sign for ADEYEMI, Folasade")).to_be_focused()
    expect(sheet).to_contain_text(NOTE)
    no_violations(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Signed", level=1)).to_be_visible()
    assert page.url == where
    doctor, patient = hospital.has("doctor"), hospital.patients["folasade"]["id"]
    [kept] = doctor.does("GET", f"/patients/{patient}/consultations")["items"]
    assert kept["presenting_complaint"].strip() == NOTE
    [prescription] = doctor.does("GET", f"/patients/{patient}/prescriptions")["items"]
    assert [line["drug"]["generic_name"] for line in prescription["lines"]] == ["paracetamol"]
    no_violations(page)


def test_a_medicine_is_never_completed_and_never_chosen_for_anybody(open_as: Open, hospital: Hospital) -> None:
    page = open_as("doctor", consult_of(hospital))
    page.keyboard.press("Tab")
    _line(page).focus()
    page.keyboard.type("/rx amox")
    expect(page.get_by_role("listbox", name="Found").get_by_role("option")).to_have_count(1)
    expect(_line(page)).to_have_value("amox")
    expect(page.get_by_role("listbox", name="Found").get_by_role("option", selected=True)).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Choose a medicine")).to_be_visible()
    expect(page.get_by_text("No diagnosis and no medicine yet.")).to_be_visible()
    expect(_line(page)).to_have_value("amox")


def test_what_is_easily_misread_is_refused_in_place(open_as: Open, hospital: Hospital) -> None:
    page = open_as("doctor", consult_of(hospital, "musa"))
    _line(page).focus()
    choose_medicine(page, "metformin 500u po bd 30/7", "metformin")
    expect(_written(page).get_by_role("alert")).to_have_text("u has been misread too often: write units")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Rewrite it first.")).to_be_visible()
    expect(page.get_by_text("No diagnosis and no medicine yet.")).to_be_visible()
    no_violations(page)


def test_signing_needs_the_line_and_the_draft_does_not(open_as: Open, hospital: Hospital, watch: Watch) -> None:
    page = open_as("doctor", consult_of(hospital))
    expect(page.get_by_label("History, examination and plan")).to_be_focused()
    page.keyboard.type(NOTE)
    watch.expects_a_bad_line()
    loses_the_line(page)
    expect(page.get_by_text("what is open can be read")).to_be_visible()
    page.keyboard.press("Control+Enter")
    sheet = page.get_by_role("dialog", name="Sign for ADEYEMI, Folasade")
    expect(sheet.get_by_role("button", name="Sign", exact=False).last).to_be_disabled()
    expect(sheet.get_by_text("Offline: signing needs the server.")).to_be_visible()
    page.context.set_offline(False)
    expect(sheet.get_by_text("Offline: signing needs the server.")).to_have_count(0)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Signed", level=1)).to_be_visible()


def test_the_sheet_of_each_tab_names_its_own_patient(open_as: Open, hospital: Hospital) -> None:
    one = open_as("doctor", consult_of(hospital, "musa"))
    expect(one.get_by_label("History, examination and plan")).to_be_focused()
    one.keyboard.type("Of Musa")
    other = one.context.new_page()
    other.goto(consult_of(hospital, "bala"))
    expect(other.get_by_label("History, examination and plan")).to_be_focused()
    other.keyboard.type("Of Bala")
    for page, name in ((one, "MUSA, Ibrahim"), (other, "BALA, Sani")):
        page.bring_to_front()
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("dialog", name=f"Sign for {name}")).to_be_visible()
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("heading", name="Signed", level=1)).to_be_visible()
    doctor = hospital.has("doctor")
    for name, words in (("musa", "Of Musa"), ("bala", "Of Bala")):
        [kept] = doctor.does("GET", f"/patients/{hospital.patients[name]['id']}/consultations")["items"]
        assert kept["presenting_complaint"] == words


def test_words_stand_without_a_code_only_where_that_was_meant(open_as: Open, hospital: Hospital) -> None:
    page = open_as("doctor", consult_of(hospital))
    expect(page.get_by_label("History, examination and plan")).to_be_focused()
    page.keyboard.type("Fever\n/dx malaria")
    found = page.get_by_role("listbox", name="Found").get_by_role("option")
    expect(found.first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Enter again keeps the words")).to_be_visible()
    expect(page.get_by_role("region", name="In this consultation")).not_to_contain_text("malaria")
    expect(found.filter(has_text="B54")).to_be_visible()  # what came meanwhile is not taken for what was meant
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="In this consultation")).to_contain_text("without a code")
