"""The server has done it and its answer is lost: pressed again, it is done once."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.hospital import Hospital
from tests.browser.test_consulting import choose_medicine, consult_of
from tests.browser.test_notes import FIRST, notes_of
from tests.browser.test_observations import CALM, observe
from tests.browser.watch import Watch


def _says(page: Page, words: str) -> None:
    expect(page.get_by_role("status").filter(has_text=re.compile(words))).to_be_visible()


def _line_is_back(page: Page, hospital: Hospital) -> None:
    """It works again, and the browser notices."""
    hospital.mends_the_line()
    page.evaluate("window.dispatchEvent(new Event('online'))")


def _kept_of(hospital: Hospital, username: str, what: str, name: str = "musa") -> list[Any]:
    items: list[Any] = hospital.has(username).does("GET", f"/patients/{hospital.patients[name]['id']}/{what}")["items"]
    return items


def _write_consultation(page: Page) -> None:
    expect(page.get_by_label("History, examination and plan")).to_be_focused()
    page.keyboard.type("Cough for 3 days")
    page.keyboard.press("Enter")
    choose_medicine(page, "amox 500mg tds 5/7", "amoxicillin")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="In this consultation")).to_contain_text("three times a day")


def test_a_consultation_is_signed_once(open_as: Open, hospital: Hospital, watch: Watch) -> None:
    page = open_as("doctor", consult_of(hospital))
    _write_consultation(page)
    watch.expects_a_bad_line()
    hospital.loses_answers("POST", "/signings$")
    page.keyboard.press("Control+Enter")
    sheet = page.get_by_role("dialog", name="Sign for ADEYEMI, Folasade")
    page.keyboard.press("Control+Enter")
    expect(sheet.get_by_text("Nothing is lost: sign again when the line is back.")).to_be_visible()
    _line_is_back(page, hospital)
    expect(sheet.get_by_text("Offline: signing needs the server.")).to_have_count(0)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Signed", level=1)).to_be_visible()
    assert len(_kept_of(hospital, "doctor", "consultations", "folasade")) == 1
    assert len(_kept_of(hospital, "doctor", "prescriptions", "folasade")) == 1


def test_a_consultation_is_signed_once_also_after_a_reload(open_as: Open, hospital: Hospital, watch: Watch) -> None:
    page = open_as("doctor", consult_of(hospital))
    _write_consultation(page)
    watch.expects_a_bad_line()
    hospital.loses_answers("POST", "/signings$")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Nothing is lost: sign again when the line is back.")).to_be_visible()
    hospital.mends_the_line()
    page.reload()
    expect(page.get_by_text("It was sent, and no answer came")).to_be_visible()
    page.get_by_role("button", name="Restore draft").press("Enter")
    expect(page.get_by_text("Sent, and no answer came")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("dialog", name="Sign for ADEYEMI, Folasade")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Signed", level=1)).to_be_visible()
    assert len(_kept_of(hospital, "doctor", "consultations", "folasade")) == 1
    assert len(_kept_of(hospital, "doctor", "prescriptions", "folasade")) == 1


def test_an_addendum_is_added_once(open_as: Open, hospital: Hospital, watch: Watch) -> None:
    musa = hospital.patients["musa"]["id"]
    [note] = [hospital.has("nurse").does("POST", f"/patients/{musa}/nursenotes", {"kind": "progress", "text": FIRST})]
    page = open_as("nurse2", notes_of(hospital))
    page.get_by_role("article").get_by_role("button", name="Add addendum").press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Addendum", exact=True).press_sequentially("Pain 2 of 10.")
    watch.expects_a_bad_line()
    hospital.loses_answers("POST", "/addenda$")
    page.keyboard.press("Control+Enter")
    expect(dialog.get_by_text("The server does not answer.")).to_be_visible()
    _line_is_back(page, hospital)
    page.keyboard.press("Control+Enter")
    _says(page, "Addendum saved")
    added = _kept_of(hospital, "nurse", f"nursenotes/{note['id']}/addenda")
    assert [one["text"] for one in added] == ["Pain 2 of 10."]


def test_a_medicine_is_dispensed_once(open_as: Open, hospital: Hospital, watch: Watch) -> None:
    musa, doctor = hospital.patients["musa"]["id"], hospital.has("doctor")
    [drug] = doctor.does("GET", "/drugs?q=amoxicillin")["items"]
    line = {"drug_id": drug["id"], "dose": 500, "dose_unit": "mg", "frequency": "tds", "duration_days": 5}
    signing = {"consultation": {"presenting_complaint": "Cough"}, "prescription": {"drugs": [line]}}
    signed = doctor.does("POST", f"/patients/{musa}/signings", signing)["consultation"]["id"]
    page = open_as("pharmacist", f"/app/pharmacy/{musa}/{signed}")
    give = page.get_by_role("button", name=re.compile("^Dispense 15 of 15"))
    expect(give).to_be_enabled()
    watch.expects_a_bad_line()
    hospital.loses_answers("POST", "/dispenses$")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert").filter(has_text="Press again: it is done once only.")).to_be_visible()
    _line_is_back(page, hospital)
    expect(page.get_by_role("link", name="Online · all sent")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Dispensed: 15 of 15 to MUSA, Ibrahim")).to_be_focused()
    handed = _kept_of(hospital, "pharmacist", f"consultations/{signed}/prescription/dispenses")
    assert [line["quantity"] for one in handed for line in one["lines"]] == [15]


def test_a_note_is_signed_once(open_as: Open, hospital: Hospital, watch: Watch) -> None:
    page = open_as("nurse", notes_of(hospital))
    expect(page.get_by_label("Note", exact=True)).to_be_focused()
    page.keyboard.type(FIRST)
    watch.expects_a_bad_line()
    hospital.loses_answers("POST", "/nursenotes$")
    page.keyboard.press("Control+Enter")
    _says(page, "Kept on this device")
    _line_is_back(page, hospital)
    _says(page, "^Sent: ")
    assert [one["text"] for one in _kept_of(hospital, "nurse", "nursenotes")] == [FIRST]


def test_observations_are_saved_once(open_as: Open, hospital: Hospital, watch: Watch) -> None:
    page = open_as("nurse", f"/app/p/{hospital.patients['musa']['id']}/obs")
    watch.expects_a_bad_line()
    hospital.loses_answers("POST", "/vitals$")
    observe(page, CALM)
    _says(page, "Kept on this device")
    _line_is_back(page, hospital)
    _says(page, "^Sent: ")
    assert len(_kept_of(hospital, "nurse", "vitals")) == 1


SLOW_KEEPING = """() => {
    const encrypt = crypto.subtle.encrypt.bind(crypto.subtle);
    crypto.subtle.encrypt = async (...all) => {
        await new Promise((done) => setTimeout(done, 1500));
        return encrypt(...all);
    };
}"""


def test_what_came_to_wait_after_the_line_was_back_is_sent_too(open_as: Open, hospital: Hospital, watch: Watch) -> None:
    page = open_as("nurse", f"/app/p/{hospital.patients['musa']['id']}/obs")
    page.evaluate(SLOW_KEEPING)
    watch.expects_a_bad_line()
    hospital.loses_answers("POST", "/vitals$")
    with page.expect_event("requestfailed", lambda request: request.method == "POST"):
        observe(page, CALM)
    with page.expect_response("**/api/v1/status"):
        _line_is_back(page, hospital)
    _says(page, "^Sent: ")
    assert len(_kept_of(hospital, "nurse", "vitals")) == 1


def test_a_patient_is_registered_once(open_as: Open, hospital: Hospital, watch: Watch) -> None:
    page = open_as("recordofficer", "/app/patients/new")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    for words in ("Okafor Chinedu", "m", "34y"):
        page.keyboard.type(words)
        page.keyboard.press("Tab")
    watch.expects_a_bad_line()
    hospital.loses_answers("POST", "/api/v1/patients$")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Kept on this device", level=1)).to_be_focused()
    _line_is_back(page, hospital)
    expect(page.get_by_role("heading", name="Sent and registered", level=1)).to_be_visible()
    assert len(hospital.has("recordofficer").does("GET", "/patients?q=Okafor Chinedu")["items"]) == 1
