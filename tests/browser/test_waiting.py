"""What waits on the device until the server takes it: sent once, or shown with what was refused."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, loses_the_line, no_violations
from tests.browser.hospital import Hospital
from tests.browser.test_notes import WORDS, at_the_note, notes_of, texts
from tests.browser.test_observations import CALM, measure
from tests.browser.test_shared_computer import at_the_door
from tests.browser.watch import Watch


def _says(page: Page, words: str) -> None:
    expect(page.get_by_role("status").filter(has_text=re.compile(words))).to_be_visible()


def _sets(hospital: Hospital) -> list[Any]:
    items: list[Any] = hospital.has("nurse").does("GET", f"/patients/{hospital.patients['musa']['id']}/vitals")["items"]
    return items


def test_observations_wait_on_the_device_while_the_line_is_dead_and_are_sent_once(
    open_as: Open, hospital: Hospital, watch: Watch
) -> None:
    musa = hospital.patients["musa"]["id"]
    page = open_as("nurse", f"/app/p/{musa}/obs")
    measure(page, CALM)
    watch.expects_a_bad_line()
    loses_the_line(page)
    expect(page.get_by_text("what is open can be read")).to_be_visible()
    no_violations(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="Kept on this device")).to_be_visible()
    expect(page.get_by_role("link", name="Offline")).to_be_visible()
    assert hospital.has("nurse").does("GET", f"/patients/{musa}/vitals")["items"] == []
    page.context.set_offline(False)
    expect(page.get_by_role("status").filter(has_text=re.compile("^Sent: "))).to_be_visible()
    expect(page.get_by_role("link", name="Online · all sent")).to_be_visible()
    assert len(hospital.has("nurse").does("GET", f"/patients/{musa}/vitals")["items"]) == 1


def test_a_note_signed_while_the_server_is_down_is_sent_once_when_it_is_up(
    open_as: Open, hospital: Hospital, watch: Watch
) -> None:
    page = open_as("nurse", notes_of(hospital))
    at_the_note(page)
    page.keyboard.type(WORDS)
    watch.expects_a_bad_line()
    hospital.loses_power()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="Kept on this device")).to_be_visible()
    hospital.start()
    expect(page.get_by_role("status").filter(has_text=re.compile("^Sent: "))).to_be_visible()
    assert texts(hospital) == [WORDS]


def test_a_server_in_trouble_is_asked_again_by_itself(open_as: Open, hospital: Hospital, watch: Watch) -> None:
    page = open_as("nurse", notes_of(hospital), clock=True)
    at_the_note(page)
    page.keyboard.type(WORDS)
    watch.expects(503, "/api/v1/patients")
    hospital.answers(503, "POST", "/nursenotes$")
    page.keyboard.press("Control+Enter")
    _says(page, "Kept on this device; it is sent as soon as the server takes it")
    expect(page.get_by_role("link", name="1 waiting to be sent")).to_be_visible()
    expect(page.get_by_text("1 note on this patient waits on this device to be sent.")).to_be_visible()
    hospital.mends_the_line()
    page.clock.fast_forward("00:40")
    _says(page, "^Sent: ")
    expect(page.get_by_role("link", name="Online · all sent")).to_be_visible()
    assert texts(hospital) == [WORDS]


def test_a_server_that_asks_for_patience_is_given_it(open_as: Open, hospital: Hospital, watch: Watch) -> None:
    page = open_as("nurse", notes_of(hospital), clock=True)
    at_the_note(page)
    page.keyboard.type(WORDS)
    watch.expects(429, "/api/v1/patients")
    hospital.answers(429, "POST", "/nursenotes$", code="TooManyRequests", retry_after=600)
    page.keyboard.press("Control+Enter")
    _says(page, "Kept on this device")
    hospital.mends_the_line()
    page.clock.fast_forward("09:00")
    page.evaluate("fetch('/api/v1/status')")  # behind whatever the page asks itself
    assert texts(hospital) == []
    page.clock.fast_forward("01:30")
    _says(page, "^Sent: ")
    assert texts(hospital) == [WORDS]


def test_observations_that_were_refused_are_corrected_in_their_form(
    open_as: Open, hospital: Hospital, watch: Watch
) -> None:
    page = open_as("nurse", f"/app/p/{hospital.patients['musa']['id']}/obs")
    measure(page, CALM)
    watch.expects_a_bad_line()
    watch.expects(422, "/api/v1/patients")
    measured = hospital.now
    loses_the_line(page)
    page.keyboard.press("Control+Enter")
    _says(page, "Kept on this device")
    hospital.answers(422, "POST", "/vitals$", code="Invalid", fields={"pulse_per_min": "Not this pulse"})
    page.context.set_offline(False)
    expect(page.get_by_role("link", name="1 refused: look at it")).to_be_visible()
    expect(page.get_by_text("Refused by the server, and not saved: Observations for MUSA, Ibrahim")).to_be_visible()
    no_violations(page)
    page.reload()
    page.get_by_role("link", name="Look at it", exact=True).press("Enter")
    pulse = page.get_by_label("Pulse")
    expect(pulse).to_be_focused()
    expect(page.get_by_text("Not this pulse")).to_be_visible()
    assert [page.get_by_label(name).input_value() for name in ("Respirations", "Temperature")] == ["16", "36.8"]
    hospital.mends_the_line()
    hospital.passes(minutes=10)
    page.keyboard.type("72")
    page.keyboard.press("Control+Enter")
    _says(page, "Saved")
    expect(page.get_by_role("link", name="Online · all sent")).to_be_visible()
    [kept] = _sets(hospital)
    assert kept["pulse_per_min"] == 72
    assert abs(datetime.fromisoformat(kept["taken_at"]) - measured) < timedelta(minutes=5)


def test_a_registration_that_was_refused_is_shown_over_its_form(
    open_as: Open, hospital: Hospital, watch: Watch
) -> None:
    page = open_as("recordofficer", "/app/patients/new")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    for words in ("Okafor Chinedu", "m", "14-Aug-1981"):
        page.keyboard.type(words)
        page.keyboard.press("Tab")
    watch.expects_a_bad_line()
    watch.expects(409, "/api/v1/patients")
    loses_the_line(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Kept on this device", level=1)).to_be_focused()
    same = {"family_name": "Okafor", "given_name": "Chinedu", "sex": "male", "born_on": "1981-08-14"}
    hospital.has("recordofficer").does("POST", "/patients", same)
    page.context.set_offline(False)
    expect(page.get_by_role("link", name="1 refused: look at it")).to_be_visible()
    page.goto("/app/patients/new")
    over = page.get_by_text("Refused by the server, and not saved: Registration of OKAFOR, Chinedu")
    expect(over).to_be_visible()
    no_violations(page)
    page.get_by_role("link", name="Look at it", exact=True).press("Enter")
    expect(page.get_by_role("region", name="Possible duplicates")).to_contain_text("OKAFOR, Chinedu")
    expect(page.get_by_text("Understood as: OKAFOR, Chinedu")).to_be_visible()
    expect(over).to_have_count(0)


def test_a_note_that_was_refused_can_be_read_sent_again_and_thrown_away(
    open_as: Open, hospital: Hospital, watch: Watch
) -> None:
    page = open_as("nurse", notes_of(hospital))
    watch.expects_a_bad_line()
    watch.expects(422, "/api/v1/patients")
    loses_the_line(page)
    for words in ("The first", "The second"):
        at_the_note(page)
        page.keyboard.type(words)
        page.keyboard.press("Control+Enter")
        expect(page.get_by_label("Note", exact=True)).to_have_value("")
    hospital.answers(422, "POST", "/nursenotes$", code="Invalid", detail="not today")
    page.context.set_offline(False)
    page.get_by_role("link", name="2 refused: look at them").press("Enter")
    waits = page.get_by_role("listitem").filter(has_text="Nursing note on MUSA, Ibrahim")
    expect(waits).to_have_count(2)
    expect(waits.first).to_contain_text("The first")
    expect(waits.first).to_contain_text("not today")
    no_violations(page)
    hospital.mends_the_line()
    waits.first.get_by_role("button", name="Send again").press("Enter")
    expect(waits).to_have_count(1)
    waits.get_by_role("button", name="Discard").press("Enter")
    page.get_by_role("button", name="Discard for good").press("Enter")
    expect(page.get_by_text("Everything was sent.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Everything was sent.")).to_be_visible()
    assert texts(hospital) == ["The first"]


def test_signing_out_over_something_unsent_is_asked_about_and_only_its_person_sends_it(
    open_as: Open, hospital: Hospital, watch: Watch
) -> None:
    watch.expects(503, "/api/v1/patients")
    watch.expects(401, "/auth/me")
    page = open_as("nurse", notes_of(hospital))
    at_the_note(page)
    page.keyboard.type(WORDS)
    hospital.answers(503, "POST", "/nursenotes$")
    page.keyboard.press("Control+Enter")
    _says(page, "Kept on this device")
    _sign_out(page)
    asked = page.get_by_role("dialog", name="Sign out all the same?")
    expect(asked).to_contain_text("1 entry was not sent yet.")
    no_violations(page)
    asked.get_by_role("link", name="Sign out").press("Enter")
    hospital.mends_the_line()
    at_the_door(page, "nurse2")
    page.goto(notes_of(hospital))
    at_the_note(page)
    expect(page.get_by_role("link", name="Online · all sent")).to_be_visible()
    expect(page.get_by_text("word0")).to_have_count(0)
    page.goto("/app/me")
    expect(page.get_by_text("Everything was sent.")).to_be_visible()
    assert texts(hospital) == []
    _sign_out(page)
    at_the_door(page, "nurse")
    _says(page, "^Sent: ")
    assert texts(hospital) == [WORDS]


def _sign_out(page: Page) -> None:
    page.get_by_text(re.compile("^Nurse2? Test$")).first.click()
    page.get_by_role("link", name="Sign out").press("Enter")
