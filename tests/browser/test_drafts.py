"""Unfinished writing: no word is lost, and the line under the form says only what is true."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, loses_the_line, no_violations
from tests.browser.hospital import Hospital
from tests.browser.test_notes import WORDS, at_the_note, notes_of, texts
from tests.browser.watch import Watch

ON_DEVICE = re.compile(r"kept on this device \d")
ON_BOTH = "kept on this device and the server"


def restore(page: Page) -> None:
    """Take up the offered words."""
    expect(page.get_by_text("word0 word1")).to_be_visible()
    page.get_by_role("button", name="Restore").first.press("Enter")


def test_what_was_typed_is_there_again_after_the_tab_was_closed(open_as: Open, hospital: Hospital) -> None:
    page = open_as("nurse", notes_of(hospital))
    at_the_note(page)
    page.keyboard.type(WORDS)
    page.wait_for_timeout(700)
    again = page.context.new_page()
    page.close()
    again.goto(notes_of(hospital))
    expect(again.get_by_text("word0 word1")).to_be_visible()
    no_violations(again)
    restore(again)
    expect(again.get_by_label("Note", exact=True)).to_have_value(WORDS)


def test_it_is_there_on_another_computer_too(open_as: Open, hospital: Hospital) -> None:
    page = open_as("nurse", notes_of(hospital))
    at_the_note(page)
    page.keyboard.type(WORDS)
    expect(page.get_by_text("kept on this device and the server")).to_be_visible()
    page.context.close()
    elsewhere = open_as("nurse", notes_of(hospital))
    restore(elsewhere)
    expect(elsewhere.get_by_label("Note", exact=True)).to_have_value(WORDS)


def test_it_says_both_also_where_the_server_was_faster_than_the_device(open_as: Open, hospital: Hospital) -> None:
    page = open_as("nurse", notes_of(hospital), clock=True)
    at_the_note(page)
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 1)
    page.keyboard.type("Slept")
    page.clock.run_for(1800)
    page.keyboard.type(" well")
    page.clock.run_for(250)  # the two seconds of the server are over, the third of a second of the device is not
    expect(page.get_by_text("kept on the server")).to_be_visible()
    page.clock.run_for(300)
    expect(page.get_by_text("kept on this device and the server")).to_be_visible()


def test_no_word_is_lost_when_the_server_loses_power(open_as: Open, hospital: Hospital, watch: Watch) -> None:
    page = open_as("nurse", notes_of(hospital))
    half = len(WORDS) // 2
    page.keyboard.type(WORDS[:half])
    watch.expects_a_bad_line()
    hospital.loses_power()
    page.keyboard.type(WORDS[half:])
    expect(page.get_by_text("kept on this device")).to_be_visible()
    hospital.start()
    page.reload()
    restore(page)
    expect(page.get_by_label("Note", exact=True)).to_have_value(WORDS)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="Note signed")).to_be_visible()
    assert texts(hospital) == [WORDS]


@pytest.mark.parametrize("fault", ["hangs", "breaks"])
def test_without_the_servers_help_the_words_are_on_the_device_and_it_says_so(
    open_as: Open, hospital: Hospital, watch: Watch, fault: str
) -> None:
    page = open_as("nurse", notes_of(hospital))
    at_the_note(page)
    watch.expects(500, "/api/v1/drafts")
    watch.expects_a_bad_line()
    for method in ("GET", "PUT"):
        if fault == "hangs":
            hospital.hangs(method, "/drafts")
        else:
            hospital.answers(500, method, "/drafts")
    page.keyboard.type(WORDS)
    expect(page.get_by_text(ON_DEVICE)).to_be_visible()
    page.reload()
    restore(page)
    expect(page.get_by_label("Note", exact=True)).to_have_value(WORDS)
    expect(page.get_by_text(ON_DEVICE)).to_be_visible()
    expect(page.get_by_text("the server")).to_have_count(0)


def test_what_was_typed_without_a_line_goes_to_the_server_by_itself(
    open_as: Open, hospital: Hospital, watch: Watch
) -> None:
    page = open_as("nurse", notes_of(hospital))
    at_the_note(page)
    watch.expects_a_bad_line()
    loses_the_line(page)
    page.keyboard.type(WORDS)
    expect(page.get_by_text(ON_DEVICE)).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text(ON_BOTH)).to_be_visible()
    key = f"note:{hospital.patients['musa']['id']}"
    assert hospital.has("nurse").does("GET", f"/drafts/{key}")["body"]["value"]["text"] == WORDS


def test_a_letter_typed_over_an_offered_draft_does_not_destroy_it(open_as: Open, hospital: Hospital) -> None:
    page = open_as("nurse", notes_of(hospital))
    at_the_note(page)
    page.keyboard.type(WORDS)
    expect(page.get_by_text(ON_BOTH)).to_be_visible()
    page.reload()
    expect(page.get_by_text("word0 word1")).to_be_visible()
    at_the_note(page)
    page.keyboard.type("x")
    expect(page.get_by_text(ON_BOTH)).to_be_visible()
    page.reload()
    page.get_by_role("button", name="Restore").press("Enter")
    expect(page.get_by_label("Note", exact=True)).to_have_value("x")
    restore(page)
    expect(page.get_by_label("Note", exact=True)).to_have_value(f"{WORDS}\nx")


def test_a_second_tab_on_the_same_form_warns_and_loses_nothing(open_as: Open, hospital: Hospital) -> None:
    one = open_as("nurse", notes_of(hospital))
    at_the_note(one)
    one.keyboard.type(WORDS)
    expect(one.get_by_text(ON_BOTH)).to_be_visible()
    other = one.context.new_page()
    other.goto(notes_of(hospital))
    warning = other.get_by_text("This draft is open in another tab")
    expect(warning).to_be_visible()
    no_violations(other)
    at_the_note(other)
    other.keyboard.type("Of the second tab")
    one.close()
    expect(warning).to_have_count(0)
    expect(other.get_by_text(ON_BOTH)).to_be_visible()
    restore(other)
    expect(other.get_by_label("Note", exact=True)).to_have_value(f"{WORDS}\nOf the second tab")


def test_what_was_signed_without_a_line_is_not_offered_again(open_as: Open, hospital: Hospital, watch: Watch) -> None:
    page = open_as("nurse", notes_of(hospital))
    at_the_note(page)
    page.keyboard.type(WORDS)
    expect(page.get_by_text(ON_BOTH)).to_be_visible()
    watch.expects_a_bad_line()
    loses_the_line(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="Kept on this device")).to_be_visible()
    again = page.context.new_page()
    page.close()
    again.context.set_offline(False)
    again.goto(notes_of(hospital))
    expect(again.get_by_role("article")).to_contain_text("word0 word1")
    expect(again.get_by_role("button", name="Restore")).to_have_count(0)
    expect(again.get_by_role("link", name="Online · all sent")).to_be_visible()
    again.goto("/app/me")
    expect(again.get_by_text("No unfinished writing.")).to_be_visible()
    assert texts(hospital) == [WORDS]
