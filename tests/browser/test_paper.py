"""What comes out of a printer: prescriptions, cards and labels, whole and with nothing of the screen on them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open
from tests.browser.hospital import Hospital
from tests.browser.test_reception import in_groups

A4, A5 = (595, 842), (420, 595)
"""In points."""
NAMES = [
    ("Abdulrahman-Muhammadu", "Chukwuemeka Oluwaseun Nnamdi Temitope"),
    ("Oyelaran-Adebayo", "Titilayo Rachael Oluwafunmilayo Grace"),
    ("N" * 100, "M" * 100),
]


def _prescribes_a_gram_of_paracetamol(hospital: Hospital) -> str:
    """Where the consultation is."""
    doctor, patient = hospital.has("doctor"), hospital.patients["folasade"]["id"]
    [drug, *_] = doctor.does("GET", "/drugs?q=paracetamol")["items"]
    line = {"drug_id": drug["id"], "dose": 1000, "dose_unit": "mg", "frequency": "tds", "duration_days": 3}
    meeting = {
        "consultation": {"presenting_complaint": "Fever"},
        "prescription": {"drugs": [{**line, "confirmed": True}]},
    }
    signed = doctor.does("POST", f"/patients/{patient}/signings", meeting)
    return f"{patient}/{signed['consultation']['id']}"


def _sheets(page: Page) -> list[tuple[int, int]]:
    """The size of each sheet that would be printed."""
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", page.pdf(prefer_css_page_size=True))
    return [(round(float(wide)), round(float(high))) for wide, high in boxes]


@pytest.mark.parametrize(("paper", "size", "wide"), [("A4", A4, 794), ("A5", A5, 559)])
def test_a_prescription_is_one_sheet_with_the_patient_at_its_head_alone(
    paper: str, size: tuple[int, int], wide: int, open_as: Open, hospital: Hospital
) -> None:
    patient, consultation = _prescribes_a_gram_of_paracetamol(hospital).split("/")
    page = open_as("doctor", f"/app/p/{patient}/consult/{consultation}/print")
    page.get_by_label("Paper").select_option(paper)
    assert _sheets(page) == [size]
    page.emulate_media(media="print")
    page.set_viewport_size({"width": wide, "height": 800})
    expect(page.get_by_role("region", name="Patient banner")).to_be_hidden()
    expect(page.get_by_role("columnheader")).to_contain_text("ADEYEMI, Folasade")
    expect(page.get_by_role("table")).to_contain_text("Supply 18 tablets")


def _lies_within(inner: Locator, outer: Locator) -> bool:
    a, b = inner.bounding_box(), outer.bounding_box()
    assert a
    assert b
    return (
        a["x"] >= b["x"]
        and a["y"] >= b["y"]
        and a["x"] + a["width"] <= b["x"] + b["width"]
        and a["y"] + a["height"] <= b["y"] + b["height"]
    )


@pytest.mark.parametrize(("family_name", "given_name"), NAMES)
def test_however_long_a_name_is_birth_number_and_code_keep_their_places_on_the_card(
    family_name: str, given_name: str, open_as: Open, hospital: Hospital
) -> None:
    body = {"family_name": family_name, "given_name": given_name, "sex": "male", "born_on": "1988-04-02"}
    patient = hospital.has("recordofficer").does("POST", "/patients", {**body, "confirmed": True})
    page = open_as("recordofficer", f"/app/p/{patient['id']}/card")
    card = page.get_by_role("article", name="Patient card")
    whole = card.get_by_text(given_name)
    for part in (
        whole,
        card.get_by_text("02‑Apr‑1988"),
        card.get_by_text(in_groups(patient["hospital_number"])),
        card.get_by_role("img", name=re.compile("QR code")),
    ):
        assert _lies_within(part, card), part
    assert whole.evaluate("(name) => name.scrollHeight <= name.clientHeight"), "the name is whole"
    assert whole.evaluate("(name) => name.scrollHeight > name.clientHeight * 0.4"), "and no smaller than it need be"


def test_a_label_says_how_many_tablets_to_take(open_as: Open, hospital: Hospital) -> None:
    where = _prescribes_a_gram_of_paracetamol(hospital)
    page = open_as("pharmacist", f"/app/pharmacy/{where}/labels?give=18")
    label = page.get_by_role("article", name=re.compile("^Label"))
    expect(label).to_contain_text("DOSE 2 tablets (1,000 mg) – oral – three times a day")
    expect(label).to_contain_text("18 tablets")


def test_a_label_is_in_english_where_no_clinician_has_read_the_language(open_as: Open, hospital: Hospital) -> None:
    where = _prescribes_a_gram_of_paracetamol(hospital)
    page = open_as("pharmacist", f"/app/pharmacy/{where}/labels?give=18", locale="fr-FR")
    label = page.get_by_role("article", name=re.compile("^Étiquette"))
    expect(label).to_contain_text("DOSE 2 tablets (1,000 mg) – oral – three times a day")
    expect(label).to_contain_text("18 comprimés")
    expect(page.get_by_text("La posologie est imprimée en anglais")).to_be_visible()
