"""The administrator: takes people on, suspends them, and reads who opened whose chart."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from hmis.core import backups
from hmis.core.backups import Outcome
from tests.browser.conftest import Open, no_violations
from tests.browser.hospital import PATIENTS, Hospital
from tests.browser.server import settings_of
from tests.browser.watch import Watch

Nobody = Callable[..., Page]


def test_a_request_sent_without_scripts_is_dealt_with_on_the_page_of_requests(
    nobody: Nobody, open_as: Open, hospital: Hospital
) -> None:
    visitor = nobody("/", java_script_enabled=False)
    form = visitor.get_by_role("form", name="Sign up")
    form.get_by_label("Facility name").fill("Kafin Hausa General")
    form.get_by_label("Your name").fill("Hadiza Bello")
    form.get_by_label("Email").fill("hadiza@kafin.example")
    form.get_by_role("button", name="Send request").click()
    expect(visitor.get_by_role("heading", name="Request received")).to_be_visible()

    page = open_as("admin")
    page.keyboard.press("Alt+4")
    expect(page.get_by_role("heading", name="Requests", level=1)).to_be_visible()
    waiting = page.get_by_role("region", name="Waiting")
    expect(waiting.get_by_role("heading", name="Kafin Hausa General")).to_be_visible()
    expect(waiting.get_by_role("link", name="hadiza@kafin.example")).to_be_visible()
    no_violations(page)
    waiting.get_by_label("Note").press_sequentially("Called back, comes on Monday")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Handled: Hadiza Bello")).to_be_visible()
    expect(page.get_by_role("heading", name="Requests", level=1)).to_be_focused()
    expect(waiting.get_by_text("Nothing waits.")).to_be_visible()
    page.get_by_role("checkbox", name="Show handled").press("Space")
    handled = page.get_by_role("region", name="Handled")
    expect(handled).to_contain_text("Called back, comes on Monday")
    expect(handled).to_contain_text("Handled by Admin Test (ADM")
    no_violations(page)
    assert hospital.has("admin").does("GET", "/staffs/nurses?q=Hadiza")["items"] == [], "it opens no account"


def test_somebody_taken_on_sets_a_password_by_the_token_and_is_out_again_once_suspended(
    nobody: Nobody, open_as: Open, watch: Watch
) -> None:
    watch.expects(401)
    page = open_as("admin")
    page.keyboard.press("Alt+2")
    expect(page.get_by_role("heading", name="Staff", level=1)).to_be_visible()
    page.keyboard.press("n")
    expect(page.get_by_role("heading", name="Take somebody on", level=1)).to_be_visible()
    page.get_by_label("Job").select_option("nurse")
    page.get_by_label("Given name").press_sequentially("Halima")
    page.get_by_label("Family name").press_sequentially("Garba")
    page.get_by_label("Sex").select_option("female")
    page.get_by_label("E-mail").press_sequentially("halima@hospital.example")
    page.get_by_label("User name").press("Tab")
    no_violations(page)
    page.keyboard.press("Control+Enter")
    token = page.get_by_role("group", name="Set-up token")
    expect(token).to_be_focused()
    expect(page.get_by_role("main")).to_contain_text("They sign in as halima.garba, staff number NRS")
    no_violations(page)

    hers = nobody("/set-password")
    hers.get_by_label("Set-up token").press_sequentially((token.text_content() or "").strip())
    hers.get_by_label("New password").press_sequentially("four plain words together")
    hers.keyboard.press("Enter")
    expect(hers.get_by_text("Your password is set. Sign in with it.")).to_be_visible()
    hers.get_by_label("Username or email").press_sequentially("halima.garba")
    hers.get_by_label("Password", exact=True).press_sequentially("four plain words together")
    hers.keyboard.press("Enter")
    expect(hers.get_by_role("region", name="Who is here")).to_be_visible()
    expect(hers).to_have_url(re.compile("/app/queue$"))

    page.get_by_role("link", name="Open the profile").press("Enter")
    page.get_by_role("button", name="Suspend").press("Enter")
    page.get_by_role("dialog").get_by_label("Reason").press_sequentially("Left the hospital")
    no_violations(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("This account is suspended")).to_be_visible()
    page.wait_for_timeout(1500)  # other processes remember a session for a second
    hers.keyboard.press("Alt+2")
    lock = hers.get_by_role("dialog", name="Locked")
    expect(lock).to_contain_text("Your session has ended.")
    expect(hers.get_by_role("region", name="Who is here")).to_have_count(0)
    hers.keyboard.type("four plain words together")
    hers.keyboard.press("Enter")
    expect(lock).to_contain_text("your account may have been suspended: ask your administrator")
    no_violations(hers)


def test_who_is_suspended_is_out_at_their_next_request(open_as: Open, hospital: Hospital, watch: Watch) -> None:
    [nurse] = hospital.has("admin").does("GET", "/staffs/nurses?q=Nurse2")["items"]
    colleague = hospital.has("nurse2")
    assert colleague.send("GET", "/visits").status == 200
    page = open_as("admin", f"/app/admin/staff/{nurse['staff_number']}")
    page.get_by_role("button", name="Suspend").press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").press_sequentially("Left the hospital")
    no_violations(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("This account is suspended")).to_be_visible()
    page.wait_for_timeout(1500)  # other processes remember a session for a second
    assert colleague.send("GET", "/visits").status == 401


def test_the_audit_shows_who_opened_a_chart(open_as: Open, hospital: Hospital) -> None:
    musa = hospital.patients["musa"]
    hospital.has("doctor").does("GET", f"/patients/{musa['id']}/chart")
    page = open_as("admin", f"/app/admin/audit?patient={musa['hospital_number']}&act=read")
    expect(page.get_by_role("table")).to_contain_text("Doctor Test")
    expect(page.get_by_role("main")).not_to_contain_text("Chest pain")
    no_violations(page)
    seen = page.get_by_role("table").get_by_role("row").filter(has_text="Doctor Test")
    expect(seen.first).to_contain_text("Opened")
    expect(page.get_by_role("table")).not_to_contain_text("Pharmacist Test")


def test_the_audit_is_asked_by_a_patients_number_and_names_who_looked(open_as: Open, hospital: Hospital) -> None:
    musa, eze = hospital.patients["musa"], hospital.patients["eze"]
    hospital.has("nurse").does("GET", f"/patients/{musa['id']}/chart")
    hospital.has("doctor2").does("GET", f"/patients/{eze['id']}/chart")
    page = open_as("admin")
    page.keyboard.press("Alt+3")
    expect(page.get_by_role("heading", name="Audit", level=1)).to_be_visible()
    page.get_by_label("Hospital number of the patient").press_sequentially(musa["hospital_number"])
    page.get_by_role("button", name="Who opened this chart").press("Enter")
    expect(page.get_by_role("heading", name=re.compile("Who opened the chart of"))).to_be_focused()
    table = page.get_by_role("table")
    expect(table).to_contain_text("Nurse Test")
    expect(table).not_to_contain_text("Doctor2 Test")


def test_each_figure_leads_to_a_list_of_as_many_and_none_where_there_is_none_to_see(
    open_as: Open, hospital: Hospital
) -> None:
    mistake = hospital.has("recordofficer").does("POST", "/patients", {**PATIENTS["eze"], "confirmed": True})
    hospital.has("recordofficer").does("DELETE", f"/patients/{mistake['id']}")
    page = open_as("admin")
    figures = page.get_by_role("term").filter(has=page.get_by_role("link"))
    expect(figures).to_have_text(["Patients", "Drugs", "Staff"])

    def follow(figure: str) -> int:
        """Go where a figure leads; how much it said."""
        expect(page.get_by_role("heading", name="System", level=1)).to_be_visible()
        said = page.get_by_role("definition").nth(_terms(page).index(figure)).inner_text()
        page.get_by_role("main").get_by_role("link", name=figure, exact=True).press("Enter")
        expect(page.get_by_role("heading", name=figure, level=1)).to_be_visible()
        return int(said)

    for figure in ("Patients", "Drugs"):
        many = follow(figure)
        assert many > 1
        expect(page.get_by_role("table").get_by_role("row")).to_have_count(many + 1)
        no_violations(page)
        page.go_back()
    many = follow("Staff")
    jobs = page.get_by_role("navigation", name="Jobs").get_by_role("link").all_inner_texts()
    assert sum(int(re.search(r"\d+", job)[0]) for job in jobs) == many  # type: ignore[index]


def _terms(page: Page) -> list[str]:
    return [term.strip() for term in page.get_by_role("term").all_inner_texts()]


def test_the_roles_are_shown_as_they_are_enforced(open_as: Open, hospital: Hospital) -> None:
    page = open_as("admin", "/app/admin/roles")
    roles = hospital.has("admin").does("GET", "/roles")["roles"]
    assert len(roles) == 5
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    no_violations(page)


def test_a_french_administrator_reads_in_french_what_each_permission_allows(open_as: Open) -> None:
    page = open_as("admin", "/app/admin/roles")
    expect(page.get_by_role("rowheader").filter(has_text="Prescribe.")).to_be_visible()
    page.evaluate("localStorage.setItem('hmis-locale', 'fr')")
    page.reload()
    expect(page.get_by_role("rowheader").filter(has_text="Prescrire.")).to_be_visible()
    expect(page.get_by_role("rowheader").filter(has_text="Prescribe.")).to_have_count(0)


def test_the_audit_takes_a_day_as_it_is_typed_and_shows_it_with_its_month_in_letters(
    open_as: Open, hospital: Hospital
) -> None:
    page = open_as("admin", "/app/admin/audit")
    since = page.get_by_label("From", exact=True)
    since.fill("3/11/2026")
    since.press("Tab")
    expect(since).to_have_value("03‑Nov‑2026")
    since.fill("11/28/2026")
    since.press("Tab")
    expect(page.get_by_text("There is no month 28: the day comes first.")).to_be_visible()
    expect(since).to_have_attribute("aria-invalid", "true")
    since.fill("yesterday")
    since.press("Control+Enter")
    expect(page).to_have_url(re.compile(r"from=\d{4}-\d{2}-\d{2}"))
    expect(page.get_by_text("There is no month 28")).to_have_count(0)


def test_the_system_page_says_what_to_do_where_something_is_wrong(open_as: Open, hospital: Hospital) -> None:
    page = open_as("admin", "/app/admin")
    kept = page.get_by_role("region", name="Backups")
    expect(kept).to_contain_text("Never yet")
    expect(page.get_by_text("Run hmis backup create on the server. Were its disk lost now")).to_be_visible()
    no_violations(page)
    made = Outcome(at=hospital.now, ok=True, said="well", seconds=2.5, size_bytes=55_000_000)
    backups.note_made(settings_of(hospital.folder), made)
    backups.note_drilled(settings_of(hospital.folder), made.model_copy(update={"ok": False}))
    page.get_by_role("button", name="Read anew").press("Enter")
    expect(kept).to_contain_text("55\u00a0MB, 2.5\u00a0s")
    expect(page.get_by_text("No backup yet")).to_have_count(0)
    expect(page.get_by_text("The last backup could not be proven")).to_be_visible()
    expect(page.get_by_text("Nobody has shown a copy of the backup key")).to_be_visible()
    expect(page.get_by_role("region", name="Jobs at fixed times")).to_contain_text("None has run yet.")
    no_violations(page)
    backups.note_key_copy(settings_of(hospital.folder), "age1somebody")
    page.get_by_role("button", name="Read anew").press("Enter")
    expect(page.get_by_text("Nobody has shown a copy of the backup key")).to_have_count(0)


def test_an_empty_form_says_in_our_words_all_that_is_missing(open_as: Open) -> None:
    page = open_as("admin", "/app/admin/staff/new", locale="fr-CM")
    page.keyboard.press("Control+Enter")
    told = page.locator(".error")
    expect(told).to_have_text(["À remplir.", "À remplir.", "Choisissez.", "À remplir."])
    expect(page.get_by_label("Nom de famille")).to_be_focused()
    page.keyboard.type("Eze")
    expect(told).to_have_count(3)
    no_violations(page)
