"""A signed consultation: its author's for 24 hours, then only added to; withdrawn with a reason."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open, no_violations
from tests.browser.hospital import Hospital, sign_in
from tests.browser.test_consulting import NOTE, consult_of
from tests.browser.watch import Watch


def signed(page: Page, text: str = NOTE) -> Locator:
    """Write and sign a consultation, the note having the focus; how it then stands on the page."""
    expect(page.get_by_label("History, examination and plan")).to_be_focused()
    page.keyboard.type(text)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("dialog").get_by_role("heading", level=2)).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Signed", level=1)).to_be_visible()
    return _article(page)


def _article(page: Page) -> Locator:
    return page.get_by_role("region", name="Signed consultations").get_by_role("article")


def _open_to_nobody(article: Locator) -> None:
    expect(article.get_by_role("button", name="Edit", exact=True)).to_have_count(0)
    expect(article.get_by_role("button", name="Withdraw", exact=True)).to_have_count(0)


def test_the_author_sees_the_window_and_a_colleague_cannot_edit(open_as: Open, hospital: Hospital) -> None:
    page = open_as("doctor", consult_of(hospital))
    article = signed(page)
    expect(article).to_contain_text(re.compile(r"you can edit for (24\sh\s0|23\sh\s59)\smin"))
    colleague = open_as("doctor2", consult_of(hospital))
    theirs = _article(colleague)
    expect(theirs).to_contain_text("Only the author can edit until")
    _open_to_nobody(theirs)
    no_violations(colleague)
    hospital.passes(hours=23, minutes=10)
    sign_in(page.context.request, "doctor")  # the next morning
    page.goto(consult_of(hospital))
    near = article.get_by_text(re.compile(r"you can edit for (4\d|50)\smin"))
    expect(near).to_have_class(re.compile("caution"))
    no_violations(page)


def test_a_correction_overtaken_by_the_lock_becomes_an_addendum(
    open_as: Open, hospital: Hospital, watch: Watch
) -> None:
    page = open_as("doctor", consult_of(hospital))
    expect(signed(page)).to_contain_text(NOTE)
    page.goto("about:blank")
    hospital.passes(hours=23, minutes=52)
    sign_in(page.context.request, "doctor")  # the next morning
    page.goto(consult_of(hospital))
    article = _article(page)
    expect(article).to_contain_text("unfinished changes become an addendum")
    article.get_by_role("button", name="Edit").press("Enter")
    expect(article.get_by_label("History, examination and plan")).to_be_focused()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Malaria test positive.")
    hospital.passes(minutes=10)
    watch.expects(423, "/api/v1/patients")
    article.get_by_role("button", name="Save correction").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Addendum", exact=True)).to_have_value(f"{NOTE} Malaria test positive.")
    no_violations(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="Addendum saved")).to_be_visible()
    added = article.get_by_role("region", name="Addendum")
    expect(added).to_contain_text("Malaria test positive.")
    expect(added).to_contain_text(re.compile(r"Doctor Test · \d{2}‑\w{3}‑\d{4}\s\d{2}:\d{2}"))
    whole = article.inner_text()
    assert whole.index(NOTE) < whole.index("Malaria test positive."), whole
    expect(article.get_by_role("button", name="Locked: add addendum")).to_be_visible()
    _open_to_nobody(article)
    no_violations(page)
    doctor, path = hospital.has("doctor"), f"/patients/{hospital.patients['folasade']['id']}/consultations"
    [kept] = doctor.does("GET", path)["items"]
    assert kept["presenting_complaint"] == NOTE
    words = {"presenting_complaint": "Rewritten"}
    changed = doctor.send("PUT", f"{path}/{kept['id']}", words, **{"If-Match": str(kept["version"])})
    gone = doctor.send("DELETE", f"{path}/{kept['id']}?reason=not+so")
    assert (changed.status, gone.status) == (423, 423)


def test_a_consultation_withdrawn_in_time_stays_to_be_read_with_its_reason(open_as: Open, hospital: Hospital) -> None:
    page = open_as("doctor", consult_of(hospital))
    article = signed(page)
    article.get_by_role("button", name="Withdraw").press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Withdraw").click()
    expect(dialog.get_by_text("Fill this in.")).to_be_visible()
    no_violations(page)
    dialog.get_by_label("Reason").press_sequentially("Written in the wrong chart")
    page.keyboard.press("Control+Enter")
    expect(article).to_contain_text("Withdrawn by Doctor Test")
    expect(article).to_contain_text("Written in the wrong chart")
    expect(article).to_contain_text(NOTE)
    _open_to_nobody(article)
    no_violations(page)
    events = hospital.has("admin").does("GET", "/audit?limit=50")["items"]
    assert any("void" in event["act"] or "withdraw" in event["act"] for event in events), events


def test_after_going_on_with_the_writing_the_review_opens_again(open_as: Open, hospital: Hospital) -> None:
    page = open_as("doctor", consult_of(hospital))
    note = page.get_by_label("History, examination and plan")
    expect(note).to_be_focused()
    page.keyboard.type(NOTE)
    sheet = page.get_by_role("dialog", name="Sign for ADEYEMI, Folasade")
    for again, leave in enumerate(("Enter", "Enter", "Escape", " "), start=1):
        page.keyboard.press("Control+Enter")
        expect(sheet.get_by_role("heading", level=2)).to_be_focused()
        if leave == "Escape":
            page.keyboard.press("Escape")
        else:
            sheet.get_by_role("button", name="Go on writing").press(leave)
        expect(sheet).to_have_count(0)
        expect(note).to_be_focused()
        page.keyboard.press("Control+End")
        page.keyboard.type(f" Again {again}.")
    page.keyboard.press("Control+Enter")
    expect(sheet).to_contain_text(f"{NOTE} Again 1. Again 2. Again 3. Again 4.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Signed", level=1)).to_be_visible()
