"""The door: who comes in, where they find themselves, and who does not."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, no_violations
from tests.browser.hospital import Hospital
from tests.browser.watch import Watch
from tests.conftest import PASSWORD

Nobody = Callable[..., Page]

PLACES = {
    "admin": ["System", "Staff", "Audit", "Requests", "Patients"],
    "doctor": ["Queue", "Patients"],
    "nurse": ["Queue", "Patients"],
    "pharmacist": ["Dispensing", "Patients", "Drugs"],
    "recordofficer": ["Reception", "Patients"],
}
FOREIGN = {
    "admin": "/app/reception",
    "doctor": "/app/admin",
    "nurse": "/app/pharmacy",
    "pharmacist": "/app/queue",
    "recordofficer": "/app/admin/audit",
}


def sign_in_with_keys(page: Page, username: str, password: str = PASSWORD) -> None:
    """Type what the sign-in page asks for; its first field has the focus."""
    expect(page.get_by_label("Username or email")).to_be_focused()
    page.keyboard.type(username)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("username", PLACES)
def test_each_role_comes_home_to_its_own_places_and_to_no_other(username: str, nobody: Nobody, watch: Watch) -> None:
    watch.expects(401, "/auth/me")
    page = nobody("/app")
    sign_in_with_keys(page, username)
    places = page.get_by_role("navigation", name="Places").get_by_role("link")
    expect(places).to_contain_text(PLACES[username])
    assert places.count() == len(PLACES[username])
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("heading", name="There is no such page here")).to_have_count(0)
    no_violations(page)
    page.goto(FOREIGN[username])
    expect(page.get_by_role("heading", name="You can't open this page", level=1)).to_be_visible()
    no_violations(page)


def test_who_was_sent_to_the_door_is_brought_to_the_page_they_meant(nobody: Nobody, watch: Watch) -> None:
    watch.expects(401, "/auth/me")
    page = nobody("/app/queue?clinic=GOPD")
    sign_in_with_keys(page, "nurse")
    expect(page).to_have_url(re.compile(r"/app/queue\?clinic=GOPD$"))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/app/nowhere", "There is no such page here"),
        ("/app/admin/nowhere?q=1", "There is no such page here"),
        ("/app/p/not-a-number/obs", "There is no such patient here"),
    ],
)
def test_an_address_where_nothing_stands_says_so_and_shows_the_way_home(
    address: str, said: str, nobody: Nobody, watch: Watch
) -> None:
    watch.expects(401, "/auth/me")
    watch.expects(404, "/api/v1/patients/")
    watch.expects(422, "/api/v1/patients/")
    page = nobody(address)
    sign_in_with_keys(page, "nurse")
    expect(page.get_by_role("heading", name=said, level=1)).to_be_visible()
    expect(page).to_have_title(f"{said} — HMIS")
    assert page.url.endswith(address)
    no_violations(page)
    page.get_by_role("main").get_by_role("link", name="Back to your home").press("Enter")
    expect(page).to_have_url(re.compile(r"/app/queue$"))
    expect(page.get_by_role("region", name="Who is here")).to_be_visible()


def test_a_wrong_password_tells_nothing_keeps_the_name_and_makes_one_wait_in_the_end(
    nobody: Nobody, watch: Watch, hospital: Hospital
) -> None:
    watch.expects(401, "/auth/login")
    watch.expects(429, "/auth/login")
    page = nobody("/login", clock=True)
    sign_in_with_keys(page, "nurse", "not-the-password")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("password")
    told = alert.inner_text()
    login, password = page.get_by_label("Username or email"), page.get_by_label("Password", exact=True)
    expect(login).to_have_value("nurse")
    no_violations(page)
    for _ in range(4):
        password.fill("still-not-the-password")
        password.press("Enter")
        expect(password).to_have_value("")
        expect(alert).to_have_text(told)
    password.fill(PASSWORD)
    password.press("Enter")
    expect(alert).to_contain_text("Try again in")
    expect(login).to_have_value("nurse")
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_disabled()
    hospital.passes(minutes=2)
    page.clock.fast_forward("02:00")
    password.fill(PASSWORD)
    password.press("Enter")
    expect(page.get_by_role("navigation", name="Places")).to_be_visible()


def test_an_unknown_name_is_refused_in_the_same_words(nobody: Nobody, watch: Watch) -> None:
    watch.expects(401, "/auth/login")
    told = []
    for username in ("nurse", "nobody.of.that.name"):
        page = nobody("/login")
        sign_in_with_keys(page, username, "not-the-password")
        told.append(page.get_by_role("alert").inner_text())
    assert told[0] == told[1]


def test_who_signs_out_is_gone_and_the_way_back_leads_to_the_door(open_as: Open, watch: Watch) -> None:
    watch.expects(401, "/auth/me")
    page = open_as("doctor")
    page.get_by_text("Doctor Test").click()
    page.get_by_role("link", name="Sign out").click()
    expect(page.get_by_text("You are signed out")).to_be_visible()
    page.goto("/app/patients")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
