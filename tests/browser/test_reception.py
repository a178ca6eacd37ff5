"""The front desk: found or registered, checked in, given a card; and nothing clinical to be seen."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from typing import Literal

import zxingcpp
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open, loses_the_line, no_violations
from tests.browser.hospital import CLINIC, Hospital
from tests.browser.meter import Meter
from tests.browser.watch import Watch


def in_groups(number: str) -> str:
    return re.sub(r"(\d{3})(?=\d)", "\\1\u00a0", number)


def test_a_patient_is_registered_with_less_than_forty_keys(open_as: Open, hospital: Hospital) -> None:
    page = open_as("recordofficer", "/app/reception")
    expect(page.get_by_role("combobox", name="Find a patient")).to_be_focused()
    meter = Meter(page)
    page.keyboard.press("Alt+n")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.type("Okafor Chinedu")
    page.keyboard.press("Tab")
    page.keyboard.type("m")
    page.keyboard.press("Tab")
    page.keyboard.type("34y")
    page.keyboard.press("Tab")
    page.keyboard.type("08035550199")
    no_violations(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Registered", level=1)).to_be_focused()
    effort = meter.effort()
    assert (effort.clicks, effort.keys <= 39) == (0, True), effort
    [found] = hospital.has("recordofficer").does("GET", "/patients?q=Okafor Chinedu")["items"]
    assert (found["family_name"], found["given_name"], found["sex"]) == ("Okafor", "Chinedu", "male")
    assert (found["born_precision"], found["phone"]) == ("estimated", "+2348035550199")
    expect(page.get_by_label("Hospital number")).to_have_text(in_groups(found["hospital_number"]))
    expect(page.get_by_role("main")).to_contain_text("estimated")
    no_violations(page)


def test_somebody_who_is_there_is_shown_before_anything_is_saved(
    open_as: Open, hospital: Hospital, watch: Watch
) -> None:
    watch.expects(409, "/api/v1/patients")
    page = open_as("recordofficer", "/app/patients/new")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.type("Adeyemi Folasade")
    page.keyboard.press("Tab")
    page.keyboard.type("f")
    page.keyboard.press("Tab")
    page.keyboard.type("14-Aug-1981")
    page.keyboard.press("Tab")
    there = page.get_by_role("region", name="Possible duplicates")
    old = there.get_by_role("link", name=re.compile("Folasade"))
    expect(old).to_have_count(1)
    no_violations(page)
    page.keyboard.press("Control+Enter")
    anyway = there.get_by_role("button", name="Create anyway")
    expect(anyway).to_be_disabled()
    expect(there.get_by_label("Reason why this is another person")).to_be_visible()
    old.press("Enter")
    expect(page.get_by_role("region", name="Patient banner")).to_contain_text("ADEYEMI, Folasade")
    everybody = hospital.has("recordofficer").does("GET", "/patients?q=Adeyemi")["items"]
    assert len(everybody) == 2


def test_a_twin_in_name_is_created_with_a_reason(open_as: Open, hospital: Hospital, watch: Watch) -> None:
    watch.expects(409, "/api/v1/patients")
    page = open_as("recordofficer", "/app/patients/new")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.type("Adeyemi Folasade")
    page.keyboard.press("Tab")
    page.keyboard.type("f")
    page.keyboard.press("Tab")
    page.keyboard.type("14-Aug-1981")
    page.keyboard.press("Control+Enter")
    there = page.get_by_role("region", name="Possible duplicates")
    there.get_by_label("Reason why this is another person").press_sequentially("Another village, other parents")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Registered", level=1)).to_be_visible()
    assert len(hospital.has("recordofficer").does("GET", "/patients?q=Adeyemi Folasade")["items"]) == 2


def test_somebody_unknown_gets_a_number_and_later_a_name_and_the_old_name_stays_to_be_seen(
    open_as: Open, hospital: Hospital
) -> None:
    page = open_as("recordofficer", "/app/patients/new")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.get_by_role("checkbox", name="Identity unknown").press("Space")
    page.get_by_label("Sex").press("m")
    page.get_by_label("Date of birth or age").press_sequentially("40y")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Registered", level=1)).to_be_focused()
    expect(page.get_by_role("main")).to_contain_text("UNKNOWN")
    number = (page.get_by_label("Hospital number").text_content() or "").replace("\u00a0", "")
    before = hospital.has("recordofficer").does("GET", f"/patients/{number}")
    assert (before["unknown_identity"], before["age"]) == (True, "≈ 40 y")

    hospital.passes(hours=3)
    page = open_as("recordofficer", f"/app/p/{number}/identity")
    banner = page.get_by_role("region", name="Patient banner")
    expect(banner).to_contain_text("Identity unknown")
    no_violations(page)
    page.keyboard.press("Alt+i")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.type("Danjuma Yakubu")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    expect(banner).to_contain_text("DANJUMA, Yakubu")
    expect(banner).not_to_contain_text("Identity unknown")
    [former] = page.get_by_role("list", name="Former names").get_by_role("listitem").all()
    expect(former).to_contain_text("UNKNOWN, Male")
    expect(former).to_contain_text("changed by Recordofficer Test (REC")
    day = hospital.now.strftime("%d\u2011%b\u2011%Y")
    expect(former).to_contain_text(f"until {day} 13:0")
    no_violations(page)

    after = hospital.has("doctor").does("GET", f"/patients/{number}")
    assert (after["id"], after["unknown_identity"]) == (before["id"], False)
    page.goto("/app/reception")
    page.get_by_role("combobox", name="Find a patient").press_sequentially("unknown")
    hits = page.get_by_role("listbox", name="Patients found").get_by_role("option")
    expect(hits).to_have_count(1)
    expect(hits).to_contain_text("DANJUMA, Yakubu")


def test_a_card_carries_a_number_and_nothing_else_in_its_code_and_finds_the_patient_at_check_in(
    open_as: Open, hospital: Hospital
) -> None:
    folasade = hospital.patients["folasade"]
    page = open_as("recordofficer", f"/app/p/{folasade['id']}/card")
    card = page.get_by_role("article", name="Patient card")
    expect(card).to_contain_text("ADEYEMI, Folasade")
    expect(card).to_contain_text(in_groups(folasade["hospital_number"]))
    code = card.get_by_role("img", name=re.compile("QR code of the hospital number"))
    expect(code).to_be_visible()
    expect(page.get_by_text("no name, no birth date")).to_be_visible()
    no_violations(page)
    read = {theme: _scanned(page, code, theme) for theme in ("light", "dark")}
    assert read == dict.fromkeys(read, folasade["hospital_number"]), "the number, and nothing beside it"

    page.keyboard.press("Alt+1")
    expect(page.get_by_role("combobox", name="Find a patient")).to_be_focused()
    page.keyboard.insert_text(read["light"])  # what a scanner types
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Patient banner")).to_contain_text("ADEYEMI, Folasade")
    expect(page.get_by_label("Reason")).to_be_focused()


def _scanned(page: Page, code: Locator, theme: Literal["light", "dark"]) -> str:
    """What a scanner reads off the picture of the code, as it stands on the screen."""
    page.emulate_media(color_scheme=theme)
    picture = base64.b64encode(code.screenshot()).decode()
    width, height, grey = page.evaluate(_GREY, picture)
    pixels = memoryview(bytes(grey)).cast("B", shape=[height, width])
    [found] = zxingcpp.read_barcodes(pixels, formats=zxingcpp.BarcodeFormat.QRCode)
    return str(found.text)


_GREY = """
async (picture) => {
    const bytes = Uint8Array.from(atob(picture), (one) => one.charCodeAt(0));
    const drawn = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const { width, height } = drawn;
    const canvas = new OffscreenCanvas(width, height).getContext('2d');
    canvas.drawImage(drawn, 0, 0);
    const { data } = canvas.getImageData(0, 0, width, height);
    const grey = [];
    for (let n = 0; n < data.length; n += 4) grey.push(Math.round((data[n] + data[n + 1] + data[n + 2]) / 3));
    return [width, height, grey];
}
"""


def test_who_comes_again_is_checked_in_by_eight_keys_and_seen_by_the_doctor_at_once(
    open_as: Open, hospital: Hospital
) -> None:
    doctor = open_as("doctor", "/app/queue")
    queue = doctor.get_by_role("region", name="Who is here")
    expect(queue.get_by_role("button")).to_have_count(3)
    page = open_as("recordofficer", "/app/reception")
    expect(page.get_by_role("combobox", name="Find a patient")).to_be_focused()
    meter = Meter(page)
    page.keyboard.type("ngozi")
    expect(page.get_by_role("listbox", name="Patients found").get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Reason")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text=f"Checked in to {CLINIC}, ticket 4")).to_be_visible()
    effort = meter.effort()
    assert (effort.clicks, effort.keys <= 8) == (0, True), effort
    expect(queue.get_by_role("button").filter(has_text="EZE, Ngozi")).to_be_visible()
    no_violations(page)


def test_a_scanned_card_is_two_keys(open_as: Open, hospital: Hospital) -> None:
    page = open_as("recordofficer", "/app/reception")
    expect(page.get_by_role("combobox", name="Find a patient")).to_be_focused()
    page.keyboard.insert_text(hospital.patients["eze"]["hospital_number"])  # what a scanner types
    meter = Meter(page)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Reason")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text=f"Checked in to {CLINIC}, ticket 4")).to_be_visible()
    assert meter.effort().keys == 2


def test_a_record_officer_sees_nothing_clinical(open_as: Open, hospital: Hospital, watch: Watch) -> None:
    musa = hospital.patients["musa"]["id"]
    page = open_as("recordofficer", f"/app/p/{musa}")
    chart = page.get_by_role("navigation", name="Chart")
    expect(chart.get_by_role("link", name="Identity")).to_be_visible()
    for tab in ("Observations", "Nursing notes", "Medicines", "Consultation", "Timeline"):
        expect(chart.get_by_role("link", name=tab)).to_have_count(0)
    everything = page.locator("body").inner_text()
    assert not re.search("allerg|NEWS2|blood group", everything, re.IGNORECASE)
    officer = hospital.has("recordofficer")
    for place in ("vitals", "nursenotes", "prescriptions", "consultations"):
        assert officer.send("GET", f"/patients/{musa}/{place}").status == 403
    page.goto(f"/app/p/{musa}/obs")
    expect(page.get_by_role("heading", name="You can't open this page")).to_be_visible()


def test_the_days_of_an_infant_are_not_lost(open_as: Open, hospital: Hospital) -> None:
    page = open_as("recordofficer", "/app/patients/new")
    page.keyboard.type("Okafor Chinedu")
    page.get_by_label("Sex").select_option("male")
    page.get_by_label("Date of birth or age").fill("3w")
    expect(page.get_by_text("Born about")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("(≈ 21 d)")).to_be_visible()
    [found] = hospital.has("recordofficer").does("GET", "/patients?q=chinedu")["items"]
    born = (hospital.now - timedelta(days=21)).date().isoformat()
    assert (found["born_on"], found["born_precision"]) == (born, "about_day")


def test_a_draft_is_offered_by_its_first_words(open_as: Open) -> None:
    page = open_as("recordofficer", "/app/patients/new")
    page.keyboard.type("Okafor Chinedu")
    expect(page.get_by_text("Draft kept")).to_be_visible()
    page.goto("/app/reception")
    page.goto("/app/patients/new")
    expect(page.locator(".notice").filter(has_text="An unfinished registration")).to_contain_text("“Okafor Chinedu”")


def test_without_a_line_everybody_is_told_what_they_can_do(open_as: Open, watch: Watch) -> None:
    page = open_as("recordofficer", "/app/reception")
    watch.expects_a_bad_line()
    loses_the_line(page)
    page.evaluate("window.dispatchEvent(new Event('offline'))")
    strip = page.locator(".strip")
    expect(strip).to_contain_text("sent by itself later: registrations.")
    expect(strip).to_contain_text("Only with a connection: checking in.")


def test_a_patient_who_is_not_there_is_not_called_a_page(open_as: Open, watch: Watch) -> None:
    watch.expects(404)
    page = open_as("recordofficer", "/app/p/01a2212b-0000-7000-8000-000000000000")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such patient here")
