"""Several people at one computer, several tabs: nobody writes under another's name, and no word is lost."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, no_violations
from tests.browser.hospital import Hospital, sign_in
from tests.browser.test_drafts import restore
from tests.browser.test_notes import WORDS, at_the_note, notes_of, texts
from tests.browser.watch import Watch
from tests.conftest import PASSWORD


def _unlock(page: Page) -> None:
    locked = page.get_by_role("dialog", name="Locked")
    expect(locked.get_by_label("Password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(locked).to_have_count(0)


def at_the_door(page: Page, username: str) -> None:
    """Sign in where one was signed out."""
    expect(page.get_by_text("You are signed out")).to_be_visible()
    expect(page.get_by_label("Username or email")).to_be_focused()
    page.keyboard.type(username)
    page.keyboard.press("Tab")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="Places")).to_be_visible()


def test_a_screen_left_alone_locks_and_opens_where_it_was(open_as: Open, hospital: Hospital, watch: Watch) -> None:
    watch.expects(401, "/api/v1/drafts")  # one that was under way when it locked; it is sent again after
    page = open_as("nurse", notes_of(hospital), clock=True)
    at_the_note(page)
    page.keyboard.type(WORDS)
    page.clock.fast_forward("14:30")
    expect(page.get_by_text("This screen locks in")).to_be_visible()
    page.clock.fast_forward("00:45")
    locked = page.get_by_role("dialog", name="Locked")
    expect(locked).to_be_visible()
    expect(page.get_by_label("Note", exact=True)).to_be_hidden()
    expect(page.get_by_role("region", name="Patient banner")).to_be_hidden()
    no_violations(page)
    expect(locked.get_by_label("Password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(locked).to_have_count(0)
    expect(page.get_by_label("Note", exact=True)).to_be_focused()
    expect(page.get_by_label("Note", exact=True)).to_have_value(WORDS)


def test_a_colleague_at_the_same_computer_finds_no_trace_and_destroys_nothing(
    open_as: Open, hospital: Hospital, watch: Watch
) -> None:
    watch.expects(401, "/auth/me")
    watch.expects(401, "/api/v1/drafts")
    page = open_as("nurse", notes_of(hospital))
    at_the_note(page)
    page.keyboard.type(WORDS)  # and at once:
    page.get_by_text("Nurse Test").first.click()
    page.get_by_role("button", name="Lock this screen").click()
    page.get_by_role("dialog", name="Locked").get_by_role("link", name="Switch user").press("Enter")
    at_the_door(page, "nurse2")
    page.goto(notes_of(hospital))
    at_the_note(page)
    expect(page.get_by_label("Note", exact=True)).to_have_value("")
    expect(page.get_by_text("word0")).to_have_count(0)
    page.keyboard.type("Something else by somebody else")
    page.wait_for_timeout(700)
    page.goto("/login?out=1")
    at_the_door(page, "nurse")
    page.goto(notes_of(hospital))
    restore(page)
    expect(page.get_by_label("Note", exact=True)).to_have_value(WORDS)


def test_a_session_that_ended_meanwhile_costs_a_password_and_no_words(
    open_as: Open, hospital: Hospital, watch: Watch
) -> None:
    page = open_as("nurse", notes_of(hospital))
    at_the_note(page)
    page.keyboard.type(WORDS)
    hospital.passes(hours=13)
    watch.expects(401, "/")
    page.keyboard.press("Control+Enter")
    locked = page.get_by_role("dialog", name="Locked")
    expect(locked).to_contain_text("Your session has ended. What you typed is kept.")
    expect(locked.get_by_label("Password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Note signed")).to_be_visible()
    assert texts(hospital) == [WORDS]


def test_two_tabs_on_two_patients_never_mix(open_as: Open, hospital: Hospital) -> None:
    one = open_as("nurse", notes_of(hospital, "musa"))
    at_the_note(one)
    other = one.context.new_page()
    other.goto(notes_of(hospital, "folasade"))
    at_the_note(other)
    assert one.title() != other.title()
    assert "MUSA" in one.title()
    assert "ADEYEMI" in other.title()
    one.keyboard.type("Of Musa")
    other.keyboard.type("Of Folasade")
    one.keyboard.press("Control+Enter")
    expect(one.get_by_role("status").filter(has_text="Note signed")).to_be_visible()
    other.keyboard.press("Control+Enter")
    expect(other.get_by_role("status").filter(has_text="Note signed")).to_be_visible()
    assert (texts(hospital, "musa"), texts(hospital, "folasade")) == (["Of Musa"], ["Of Folasade"])


def test_a_tab_of_one_nurse_saves_nothing_under_the_name_of_another(
    open_as: Open, hospital: Hospital, watch: Watch
) -> None:
    page = open_as("nurse", notes_of(hospital))
    at_the_note(page)
    page.keyboard.type(WORDS)
    expect(page.get_by_text("kept on this device and the server")).to_be_visible()
    sign_in(page.context.request, "nurse2")  # without a word to the other tabs
    watch.expects(403, "/")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("dialog", name="Locked")).to_contain_text("Somebody else signed in at this computer.")
    assert texts(hospital) == []
    _unlock(page)
    expect(page.get_by_role("status").filter(has_text="Note signed")).to_be_visible()
    [note] = hospital.has("nurse").does("GET", f"/patients/{hospital.patients['musa']['id']}/nursenotes")["items"]
    assert (note["text"], note["author"]["name"]) == (WORDS, "Nurse Test")


def test_who_signs_in_in_another_tab_covers_the_tabs_of_whoever_sat_there(
    open_as: Open, hospital: Hospital, watch: Watch
) -> None:
    watch.expects(401, "/auth/me")
    page = open_as("nurse", notes_of(hospital))
    at_the_note(page)
    page.keyboard.type(WORDS)
    expect(page.get_by_text("kept on this device and the server")).to_be_visible()
    other = page.context.new_page()
    other.goto("/login?switch=1")
    at_the_door(other, "nurse2")
    expect(page.get_by_role("dialog", name="Locked")).to_contain_text("Somebody else signed in at this computer.")
    page.bring_to_front()
    _unlock(page)
    expect(other.get_by_role("dialog", name="Locked")).to_contain_text("Somebody else signed in at this computer.")
    at_the_note(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="Note signed")).to_be_visible()
    [note] = hospital.has("nurse").does("GET", f"/patients/{hospital.patients['musa']['id']}/nursenotes")["items"]
    assert (note["text"], note["author"]["name"]) == (WORDS, "Nurse Test")


TIMEOUTS_BY_THE_CLOCK = """
AbortSignal.timeout = (ms) => {
    const control = new AbortController();
    setTimeout(() => control.abort(new DOMException('late', 'TimeoutError')), ms);
    return control.signal;
};
window.seen = [];
new MutationObserver(() => {
    if (document.body?.innerText.includes('Offline')) window.seen.push('Offline');
}).observe(document, { subtree: true, childList: true, characterData: true });
"""


def test_a_long_lock_is_no_lost_line(open_as: Open, hospital: Hospital, watch: Watch) -> None:
    page = open_as("nurse", "/app/queue", clock=True)
    page.add_init_script(TIMEOUTS_BY_THE_CLOCK)
    page.goto(notes_of(hospital))
    at_the_note(page)
    page.keyboard.type("Slept")
    expect(page.get_by_text("kept on this device and the server")).to_be_visible()
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 1)
    page.keyboard.type(" well")
    hospital.passes(hours=13)
    watch.expects(401, "/")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("dialog", name="Locked")).to_contain_text("Your session has ended.")
    page.clock.run_for("05:00")  # the draft would go to the server now, and has to wait like the note
    page.clock.resume()
    _unlock(page)
    expect(page.get_by_role("status").filter(has_text="Note signed")).to_be_visible()
    assert texts(hospital) == ["Slept well"]
    assert page.evaluate("window.seen") == []
