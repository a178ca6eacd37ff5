"""The app opens without a line, and says what it cannot show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, app_is_kept, loses_the_line, no_violations
from tests.browser.hospital import Hospital, sign_in
from tests.browser.test_notes import notes_of
from tests.browser.watch import Watch


@pytest.mark.parametrize("hangs", [False, True], ids=["dead", "hanging"])
def test_a_reload_without_a_line_opens_the_app_and_then_the_page(
    open_as: Open, hospital: Hospital, watch: Watch, hangs: bool
) -> None:
    where = notes_of(hospital) if hangs else "/app/queue"
    page = open_as("nurse", where)
    app_is_kept(page)
    watch.expects_a_bad_line()
    if hangs:
        hospital.hangs("GET", "^/auth/me")
    else:
        hospital.loses_power()
    page.reload()
    expect(page.get_by_role("heading", name="The server does not answer", level=1)).to_be_visible()
    expect(page.get_by_text("Without it nobody can be signed in, and no chart be opened.")).to_be_visible()
    expect(page.get_by_text("MUSA")).to_have_count(0)
    no_violations(page)
    if hangs:
        hospital.mends_the_line()
    else:
        hospital.start()
    page.get_by_role("button", name="Try again").press("Enter")
    expect(page.get_by_role("navigation", name="Places")).to_be_visible()
    expect(page).to_have_url(hospital.url + where)
    expect(page.get_by_role("main")).to_contain_text("MUSA" if not hangs else "Write a nursing note")


@pytest.mark.parametrize("given", ["undefined", "Promise.reject(new DOMException('not here', 'SecurityError'))"])
def test_a_browser_that_keeps_no_app_as_in_a_private_window_works_all_the_same(
    open_browser: Callable[..., Any], given: str
) -> None:
    context = open_browser()
    context.add_init_script(f"if (navigator.serviceWorker) navigator.serviceWorker.register = async () => {given}")
    sign_in(context.request, "nurse")
    page: Page = context.new_page()
    page.goto("/app/queue")
    expect(page.get_by_role("button").filter(has_text="MUSA, Ibrahim")).to_be_visible()
    assert page.evaluate("navigator.serviceWorker.getRegistrations()") == []


def test_it_opens_by_itself_when_the_line_is_back(open_as: Open, hospital: Hospital, watch: Watch) -> None:
    page = open_as("nurse", notes_of(hospital))
    app_is_kept(page)
    watch.expects_a_bad_line()
    hospital.loses_power()
    page.reload()
    expect(page.get_by_role("heading", name="The server does not answer", level=1)).to_be_visible()
    hospital.start()
    expect(page.get_by_label("Note", exact=True)).to_be_focused()


def test_a_chart_that_was_not_read_cannot_be_shown_and_it_says_why(
    open_as: Open, hospital: Hospital, watch: Watch
) -> None:
    page = open_as("nurse", "/app/patients")
    app_is_kept(page)
    watch.expects_a_bad_line()
    hospital.loses_power()
    page.get_by_role("link", name="MUSA, Ibrahim").press("Enter")
    expect(page.get_by_role("heading", name="The server does not answer", level=1)).to_be_visible()
    no_violations(page)
    hospital.start()
    expect(page.get_by_role("region", name="Patient banner")).to_contain_text("MUSA, Ibrahim")


def test_what_was_read_stays_where_it_cannot_be_read_again(open_as: Open, hospital: Hospital, watch: Watch) -> None:
    page = open_as("nurse", "/app/queue")
    row = page.get_by_role("button").filter(has_text="MUSA, Ibrahim")
    expect(row).to_be_visible()
    app_is_kept(page)
    watch.expects_a_bad_line()
    loses_the_line(page)
    row.press("Enter")  # calls the patient, which fails, and reads the queue anew, which fails too
    expect(page.get_by_text("MUSA, Ibrahim: The server does not answer.")).to_be_visible()
    expect(row).to_be_visible()


def test_the_door_stands_without_a_line_and_says_that_nobody_can_come_in(
    open_as: Open, hospital: Hospital, watch: Watch
) -> None:
    page = open_as("nurse", "/app/queue")
    app_is_kept(page)
    watch.expects_a_bad_line()
    hospital.loses_power()
    page.goto("/login")
    page.get_by_label("Username or email").fill("nurse")
    page.get_by_label("Password", exact=True).fill("anything")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer")
