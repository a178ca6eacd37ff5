"""Finding a patient, a page or an act, by the keyboard alone."""

from __future__ import annotations

import base64
import re
from itertools import product
from string import ascii_lowercase

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open, loses_the_line, no_violations
from tests.browser.hospital import Hospital
from tests.browser.meter import Effort, Meter
from tests.browser.watch import Watch


def _hits(page: Page, *, selected: bool | None = None) -> Locator:
    return page.get_by_role("dialog", name="Find").get_by_role("option", selected=selected)


def test_two_nearly_alike_are_both_shown_and_neither_is_chosen(open_as: Open, hospital: Hospital) -> None:
    page = open_as("nurse")
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Find a patient, a page or an act")).to_be_focused()
    page.keyboard.type("adey")
    rows = _hits(page)
    expect(rows).to_have_count(2)
    for name, born in (("ADEYEMI, Folake", "09‑Feb‑2003"), ("ADEYEMI, Folasade", "14‑Aug‑1981")):
        row = rows.filter(has_text=name)
        expect(row).to_contain_text(born)
        expect(row).to_have_attribute("aria-selected", "false")
    number = hospital.patients["folasade"]["hospital_number"]
    expect(rows.filter(has_text="Folasade")).to_contain_text(f"{number[:3]} {number[3:6]} {number[6:]}")
    expect(page.get_by_text("Near-identical names")).to_be_visible()
    no_violations(page)
    page.keyboard.press("Enter")
    expect(rows).to_have_count(2)
    page.keyboard.press("Escape")
    expect(rows).to_have_count(0)


def test_the_choice_stays_with_the_person_when_the_list_changes_under_the_hand(
    open_as: Open, hospital: Hospital
) -> None:
    abel = {"family_name": "Adeyemi", "given_name": "Abel", "sex": "male", "age_years": 40, "confirmed": True}
    hospital.has("recordofficer").does("POST", "/patients", abel)
    page = open_as("nurse")
    page.keyboard.type("/adey")
    expect(_hits(page)).to_have_count(3)
    page.keyboard.type(" f")  # and before its answer is there:
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(_hits(page)).to_have_count(2)
    expect(_hits(page, selected=True)).to_have_text(re.compile("ADEYEMI, Folake"))


def test_the_keys_of_a_chart_are_there_again_on_the_way_back(open_as: Open, hospital: Hospital) -> None:
    page = open_as("doctor", f"/app/p/{hospital.patients['musa']['id']}")
    chart = page.get_by_role("navigation", name="Chart")
    chart.get_by_role("link", name="Timeline").click()
    expect(page).to_have_url(re.compile("/timeline$"))
    chart.get_by_role("link", name="Summary").click()
    expect(page).not_to_have_url(re.compile("/timeline$"))
    expect(page.get_by_role("link", name="Consultation").last).to_be_visible()
    page.keyboard.press("c")
    expect(page).to_have_url(re.compile("/consult"))


def test_a_chart_is_two_arrows_and_enter_away(open_as: Open) -> None:
    page = open_as("nurse")
    meter = Meter(page)
    page.keyboard.type("/adey")
    expect(_hits(page)).to_have_count(2)
    while _hits(page, selected=True).filter(has_text="Folasade").count() == 0:
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    banner = page.get_by_role("region", name="Patient banner")
    expect(banner).to_contain_text("ADEYEMI, Folasade")
    expect(page).to_have_title(re.compile("^ADEYEMI, Folasade"))
    assert meter.effort().clicks == 0
    no_violations(page)


def test_somebody_whom_nobody_resembles_is_open_at_enter(open_as: Open) -> None:
    page = open_as("doctor")
    meter = Meter(page)
    page.keyboard.type("/musa")
    expect(_hits(page, selected=True)).to_contain_text("MUSA, Ibrahim")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Patient banner")).to_contain_text("MUSA, Ibrahim")
    assert meter.effort() == Effort(clicks=0, keys=6)


def test_enter_before_the_answer_opens_the_one_hit_when_it_comes(open_as: Open) -> None:
    page = open_as("doctor")
    page.keyboard.press("/")
    page.keyboard.type("bala")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Patient banner")).to_contain_text("BALA, Sani")


def _leave_the_field(page: Page) -> None:
    """Off the search box, where a letter is a letter: to the link before it."""
    expect(page.get_by_role("searchbox", name="Search the patients")).to_be_focused()
    page.keyboard.press("Shift+Tab")


def test_the_help_lists_the_keys_and_they_can_be_switched_off(open_as: Open) -> None:
    page = open_as("recordofficer", "/app/patients")
    _leave_the_field(page)
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Keyboard shortcuts")
    for said in ("Find a patient, a page or an act", "This help", "Go to Reception", "Go to Patients"):
        expect(help_.get_by_text(said).first).to_be_visible()
    no_violations(page)
    switch = help_.get_by_role("checkbox", name="Single letters act as shortcuts")
    expect(switch).to_be_checked()
    page.keyboard.press("Escape")
    expect(help_).to_have_count(0)
    page.keyboard.press("n")
    expect(page).to_have_url(re.compile("/app/patients/new$"))
    page.goto("/app/patients")
    _leave_the_field(page)
    page.keyboard.press("?")
    switch.focus()
    page.keyboard.press("Space")
    expect(switch).not_to_be_checked()
    page.keyboard.press("Escape")
    expect(help_).to_have_count(0)
    page.keyboard.press("n")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Find")).to_be_visible()
    expect(page).to_have_url(re.compile("/app/patients$"))
    page.reload()
    _leave_the_field(page)
    page.keyboard.press("n")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Find")).to_be_visible()
    expect(page).to_have_url(re.compile("/app/patients$"))


def test_no_address_holds_the_name_that_was_searched_for(open_as: Open, hospital: Hospital) -> None:
    for first, second in product("abc", ascii_lowercase[:20]):
        who = {"family_name": "Zubairu", "given_name": f"Garba{first}{second}", "sex": "male", "confirmed": True}
        hospital.has("recordofficer").does("POST", "/patients", who)
    page = open_as("recordofficer", "/app/reception")
    told: list[str] = []
    page.on("framenavigated", lambda frame: told.append(frame.url))
    finder = page.get_by_role("combobox", name="Find a patient")
    expect(finder).to_be_focused()
    page.keyboard.type("zubairu")
    page.get_by_role("button", name="Show all").press("Enter")
    search = page.get_by_role("searchbox", name="Search the patients")
    expect(search).to_have_value("zubairu")
    rows = page.get_by_role("table", name="Patients").get_by_role("row")
    expect(rows).to_have_count(51)
    page.get_by_role("button", name="Next 50").press("Enter")
    expect(rows).to_have_count(11)
    page.reload()
    expect(rows).to_have_count(11)
    expect(search).to_have_value("zubairu")
    page.go_back()
    expect(rows).to_have_count(51)

    search.fill("garbaah")
    expect(rows).to_have_count(2)
    page.get_by_role("link", name="ZUBAIRU, Garbaah").press("Enter")
    expect(page.get_by_role("region", name="Patient banner")).to_contain_text("ZUBAIRU, Garbaah")
    page.go_back()
    expect(search).to_have_value("garbaah")
    expect(rows).to_have_count(2)

    search.fill("yakubuzola")
    page.get_by_role("main").get_by_role("button", name="Register a patient").press("Enter")
    expect(page.get_by_label("Name", exact=True)).to_have_value("yakubuzola")
    page.reload()
    expect(page.get_by_label("Name", exact=True)).to_have_value("yakubuzola")

    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Find a patient, a page or an act").press_sequentially("garba")
    page.get_by_role("dialog", name="Find").get_by_role("button", name="Show all").press("Enter")
    expect(search).to_have_value("garba")

    assert len(told) >= 9
    for address in [*told, *page.evaluate("[JSON.stringify(history.state)]")]:
        assert not re.search("zubairu|garba|yakubu", address, re.IGNORECASE), address
        for part in re.findall(r"[\w-]{12,}", address):
            seen = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) if len(part) % 4 != 1 else b""
            assert b"zubairu" not in seen.lower(), address
    page.get_by_text("Recordofficer Test").click()
    page.get_by_role("link", name="Sign out").click()
    expect(page.get_by_text("You are signed out")).to_be_visible()
    assert page.evaluate("JSON.stringify({...sessionStorage})").lower().count("zubairu") == 0


@pytest.mark.parametrize(
    ("username", "path", "word"),
    [("pharmacist", "/app/drugs", "amoxi"), ("admin", "/app/admin/staff?job=nurse", "nurse2")],
    ids=["drugs", "staff"],
)
def test_nor_does_one_hold_what_drugs_and_staff_were_searched_for(
    open_as: Open, username: str, path: str, word: str
) -> None:
    page = open_as(username, path)
    search = page.get_by_role("searchbox")
    search.fill(word)
    rows = page.get_by_role("table").get_by_role("row")
    expect(rows).to_have_count(2)
    expect(page).to_have_url(re.compile("search=1"))
    assert word not in page.url
    page.reload()
    expect(search).to_have_value(word)
    expect(rows).to_have_count(2)


PAGES = [
    ("recordofficer", "en-GB", "reg", "Register a patient", "/app/patients/new"),
    ("recordofficer", "en-GB", "new", "Register a patient", "/app/patients/new"),
    ("recordofficer", "en-GB", "settings", "Profile and settings", "/app/me"),
    ("recordofficer", "fr-CM", "nouveau", "Enregistrer un patient", "/app/patients/new"),
    ("admin", "en-GB", "new", "New member of staff", "/app/admin/staff/new"),
    ("admin", "en-GB", "role", "Roles", "/app/admin/roles"),
    ("admin", "fr-CM", "sombre", "Cet appareil", "/app/me#device"),
    ("pharmacist", "en-GB", "outbox", "Waiting to be sent", "/app/me#outbox"),
    ("nurse", "en-GB", "medicines", "Drugs", "/app/drugs"),
]


@pytest.mark.parametrize(("username", "locale", "typed", "named", "path"), PAGES)
def test_a_page_is_found_by_its_words(
    open_as: Open, username: str, locale: str, typed: str, named: str, path: str
) -> None:
    page = open_as(username, "/app/me", locale=locale)
    page.keyboard.press("Control+k")
    page.keyboard.type(typed)
    expect(page.get_by_role("dialog").get_by_role("option", selected=True)).to_contain_text(named)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(re.escape(path) + "$"))


def test_an_act_is_found_by_its_words_on_any_page(open_as: Open) -> None:
    page = open_as("recordofficer", "/app/me")
    page.keyboard.press("Control+k")
    page.keyboard.type("help")
    expect(_hits(page, selected=True)).to_contain_text("Keyboard shortcuts")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("qwrt")
    expect(page.get_by_text("Nothing is called so.")).to_be_visible()
    page.keyboard.press("Control+a")
    page.keyboard.type("sign out")
    expect(_hits(page, selected=True)).to_contain_text("Sign out")
    page.keyboard.press("Enter")
    expect(page.get_by_text("You are signed out")).to_be_visible()


def test_without_a_line_pages_are_found_and_it_is_said_that_patients_are_not(open_as: Open, watch: Watch) -> None:
    page = open_as("recordofficer", "/app/me")
    watch.expects_a_bad_line()
    loses_the_line(page)
    page.keyboard.press("Control+k")
    page.keyboard.type("reg")
    dialog = page.get_by_role("dialog", name="Find")
    expect(dialog.get_by_role("status")).to_have_text("The server does not answer: pages are found, patients are not.")
    expect(_hits(page, selected=True)).to_contain_text("Register a patient")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/app/patients/new$"))
