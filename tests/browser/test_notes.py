"""Nursing notes: written, corrected for 24 hours, then only added to."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, no_violations
from tests.browser.hospital import Hospital, sign_in
from tests.browser.watch import Watch

FIRST = "Slept well. Took half of breakfast."
WORDS = " ".join(f"word{n}" for n in range(50))


def at_the_note(page: Page) -> None:
    """The field has the focus: what is typed now goes into it."""
    expect(page.get_by_label("Note", exact=True)).to_be_focused()


def texts(hospital: Hospital, name: str = "musa") -> list[str]:
    """The notes on a patient that the server has."""
    notes = hospital.has("nurse").does("GET", f"/patients/{hospital.patients[name]['id']}/nursenotes")["items"]
    return [note["text"] for note in notes]


def write_note(page: Page, text: str) -> None:
    """Write and sign a note, the field having the focus."""
    expect(page.get_by_label("Note", exact=True)).to_be_focused()
    page.keyboard.type(text)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="Note signed")).to_be_visible()


def notes_of(hospital: Hospital, name: str = "musa") -> str:
    """Where the notes of a patient are."""
    return f"/app/p/{hospital.patients[name]['id']}/notes"


def test_a_note_is_corrected_and_both_versions_can_be_read(open_as: Open, hospital: Hospital) -> None:
    page = open_as("nurse", notes_of(hospital))
    write_note(page, FIRST)
    note = page.get_by_role("article")
    expect(note).to_contain_text(FIRST)
    note.get_by_role("button", name="Edit").press("Enter")
    box = note.get_by_label("Note", exact=True)
    expect(box).to_be_focused()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Pain 2 of 10.")
    no_violations(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="Correction saved")).to_be_visible()
    expect(note).to_contain_text(f"{FIRST} Pain 2 of 10.")
    note.get_by_role("button", name="Edited once · see changes").press("Enter")
    before = page.get_by_role("dialog")
    expect(before).to_contain_text(re.compile(rf"As it stands now.*{FIRST} Pain 2 of 10.*Until.*{FIRST}", re.DOTALL))
    no_violations(page)
    page.keyboard.press("Escape")
    expect(before).to_have_count(0)


def test_the_window_is_counted_down_for_the_author_and_closed_to_a_colleague(open_as: Open, hospital: Hospital) -> None:
    page = open_as("nurse", notes_of(hospital))
    write_note(page, FIRST)
    note = page.get_by_role("article")
    expect(note).to_contain_text(re.compile(r"you can edit for (24\sh\s0|23\sh\s59)\smin"))
    colleague = open_as("nurse2", notes_of(hospital))
    theirs = colleague.get_by_role("article")
    expect(theirs).to_contain_text("Only the author can edit until")
    expect(theirs.get_by_role("button", name="Edit", exact=True)).to_have_count(0)
    expect(theirs.get_by_role("button", name="Withdraw", exact=True)).to_have_count(0)
    no_violations(colleague)


def test_a_change_overtaken_by_the_lock_becomes_an_addendum(open_as: Open, hospital: Hospital, watch: Watch) -> None:
    page = open_as("nurse", notes_of(hospital))
    write_note(page, FIRST)
    expect(page.get_by_role("article")).to_contain_text(FIRST)
    page.goto("about:blank")
    hospital.passes(hours=23, minutes=52)
    sign_in(page.context.request, "nurse")  # the next morning
    page.goto(notes_of(hospital))
    note = page.get_by_role("article")
    expect(note).to_contain_text("unfinished changes become an addendum")
    note.get_by_role("button", name="Edit").press("Enter")
    expect(note.get_by_label("Note", exact=True)).to_be_focused()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Wound is clean.")
    hospital.passes(minutes=10)
    watch.expects(423, "/api/v1/patients")
    page.keyboard.press("Control+Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Addendum", exact=True)).to_have_value(f"{FIRST} Wound is clean.")
    no_violations(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="Addendum saved")).to_be_visible()
    expect(note.get_by_role("region", name="Addendum")).to_contain_text("Nurse Test")
    locked = note.get_by_role("button", name="Locked: add addendum")
    expect(locked).to_be_visible(timeout=5_000)  # with the answer, not when the page next looks at the clock
    expect(note.get_by_role("button", name="Edit", exact=True)).to_have_count(0)
    expect(note.get_by_role("button", name="Withdraw", exact=True)).to_have_count(0)
    nurse, path = hospital.has("nurse"), f"/patients/{hospital.patients['musa']['id']}/nursenotes"
    [kept] = nurse.does("GET", path)["items"]
    assert kept["text"] == FIRST
    changed = nurse.send("PUT", f"{path}/{kept['id']}", {"text": "Rewritten"}, **{"If-Match": str(kept["version"])})
    gone = nurse.send("DELETE", f"{path}/{kept['id']}?reason=not+so")
    assert (changed.status, gone.status) == (423, 423)


def test_a_note_withdrawn_in_time_stays_to_be_read_with_its_reason(open_as: Open, hospital: Hospital) -> None:
    page = open_as("nurse", notes_of(hospital))
    write_note(page, FIRST)
    note = page.get_by_role("article")
    note.get_by_role("button", name="Withdraw").press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Withdraw").click()
    expect(dialog.get_by_text("Fill this in.")).to_be_visible()
    no_violations(page)
    dialog.get_by_label("Reason").press_sequentially("Written in the wrong chart")
    page.keyboard.press("Control+Enter")
    expect(note).to_contain_text("Withdrawn by Nurse Test")
    expect(note).to_contain_text("Written in the wrong chart")
    expect(note).to_contain_text(FIRST)
    expect(note.get_by_role("button", name="Edit", exact=True)).to_have_count(0)
    no_violations(page)
    events = hospital.has("admin").does("GET", "/audit?limit=50")["items"]
    assert any("void" in event["act"] or "withdraw" in event["act"] for event in events), events


def test_withdrawing_begins_at_the_reason_and_says_that_it_is_missing(open_as: Open, hospital: Hospital) -> None:
    chart = f"/patients/{hospital.patients['folasade']['id']}"
    hospital.has("nurse").does("POST", f"{chart}/nursenotes", {"text": "Slept well", "kind": "progress"})
    page = open_as("nurse", f"/app/p/{hospital.patients['folasade']['id']}/notes")
    page.get_by_role("button", name="Withdraw").click()
    reason = page.get_by_label("Reason")
    expect(reason).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Fill this in.")).to_be_visible()
    page.keyboard.type("no")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Write 3 letters or more.")).to_be_visible()
    page.keyboard.type("t hers")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Withdrawn by")).to_be_visible()
