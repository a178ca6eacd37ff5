"""A line typed in one go: `signatures.json` is read by the server here, and by the browser in `signature.test.ts`."""

from __future__ import annotations

import dataclasses
import json
import re
import string
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmis.core.access import Role
from hmis.prescriptions import grammar, signature
from hmis.prescriptions.cautions import HIGH_ALERT, TALL_MAN, high_alert
from hmis.prescriptions.frequencies import FREQUENCIES
from hmis.prescriptions.signature import Signature, read
from tests.conftest import Person, some_id
from tests.prescriptions.conftest import Enter

CASES: list[dict[str, Any]] = json.loads(Path(__file__).with_name("signatures.json").read_text(encoding="utf-8"))
NOTHING = Signature()
CAPITALS = str.maketrans(string.ascii_lowercase, string.ascii_uppercase)
"""Of a-z alone: a capital µ is another letter."""
PARTS = (
    "dose", "dose_unit", "dose_range", "range_per_kg", "dose_per_kg", "route", "frequency", "as_needed",
    "as_needed_reason", "max_in_24h", "max_doses_in_24h", "duration_days", "quantity", "instructions",
)  # fmt: skip


def known(case: dict[str, Any]) -> dict[str, Any]:
    weight = {"weight_kg": Decimal(str(case["weight_kg"]))} if "weight_kg" in case else {}
    return weight | {name: case[name] for name in ("drug_name", "drug_route") if name in case}


def parts(said: Signature) -> dict[str, Any]:
    """What was read, as JSON has it."""
    found = {name: getattr(said, name) for name in PARTS if getattr(said, name) != getattr(NOTHING, name)}
    loaded: dict[str, Any] = json.loads(json.dumps(found, default=float))
    return loaded


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_a_line_is_read_refused_and_asked_about_as_written_down(case: dict[str, Any]) -> None:
    said = read(case["text"], **known(case))
    assert said.drug == case["drug"]
    assert parts(said) == case["parts"]
    assert signature.directions(said, case.get("drug_route")) == case["directions"]
    assert [refusal.say for refusal in said.refusals] == case.get("refusals", [])
    assert [f"{ask.field}: {ask.say}" for ask in said.asks] == case.get("asks", [])
    assert said.unread == case.get("unread", [])
    assert (said.high_alert.name if said.high_alert else None) == case.get("high_alert")


def test_enough_lines_are_written_down() -> None:
    assert len({case["text"] for case in CASES}) >= 75


WORDS = (
    "amoxicillin", "insulin", "500mg", "500", "mg", "0.5", ".5", "5.0", "1,000", "2-4", "u", "iu", "units", "po", "PO",
    "iv", "tds", "qd", "every", "6", "hours", "prn", "pain", "for", "max", "4g", "in 24h", "5/7", "2/52", "x5d",
    '"with', 'food"', "--", "#", "#20", "mg/kg", "mg/kg/day", "125mg/5ml", "tablets", "1/2", "½", "µg", "ug", "cc",
    "MS", "weekly", "once", "daily", ",", ";", ".", "–", ":", "/", "kg", "day", ")", "(", "\u00a0", "İ",
    "ſ", "\U0001f600", "on", "od", "t.d.s.", "dose", "1%", "30/70",
)  # fmt: skip
typed = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join),
    st.lists(st.sampled_from(WORDS), max_size=10).map("".join),
)


def letters(text: str) -> str:
    """Without what only separates words."""
    return re.sub(r"[ ,;.:–—-]", "", re.sub(grammar.SPACES, " ", text))


@given(typed, st.none() | st.decimals(-5, 700, places=3))
def test_nothing_that_can_be_typed_fails_and_no_word_is_lost(text: str, weight_kg: Decimal | None) -> None:
    said = read(text, weight_kg=weight_kg)
    assert letters("".join(piece.text for piece in said.pieces)) == letters(text)
    assert [piece.text for piece in said.pieces if piece.kind == "unread"] == said.unread
    assert sum(piece.kind == "refused" for piece in said.pieces) <= len(said.refusals)
    assert " ".join(piece.text for piece in said.pieces if piece.kind == "drug") == said.drug
    reason = " ".join(piece.text for piece in said.pieces if piece.kind == "as_needed_reason")
    assert reason == (said.as_needed_reason or "")
    assert signature.directions(said) is not None
    for number in (said.dose, said.max_in_24h, *(said.dose_range or [])):
        assert number is None or (number > 0 and number == number.quantize(Decimal("0.001")))


amounts = st.decimals("0.001", 99_999, places=3)
LINES = st.fixed_dictionaries(
    {
        "dose": amounts,
        "dose_unit": st.sampled_from(sorted(set(grammar.UNIT_SPELLINGS.values()))),
        "route": st.sampled_from(sorted(set(grammar.ROUTE_SPELLINGS.values()))),
        "frequency": st.sampled_from([code for code in FREQUENCIES if code != "stat"]),
        "duration_days": st.integers(1, 3650),
    }
)


@given(LINES)
def test_what_is_shown_can_be_typed_again(line: dict[str, Any]) -> None:
    shown = signature.directions(Signature(**line))
    said = read(f"amoxicillin – {shown}")
    assert (said.refusals, said.asks, said.unread) == ([], [], [])
    assert signature.directions(said) == shown
    assert said.drug == "amoxicillin"


def test_every_spelling_is_read_as_what_it_stands_for() -> None:
    for spelling, route in grammar.ROUTE_SPELLINGS.items():
        assert read(f"amoxicillin 500mg {spelling.upper()} tds 5/7").route == route, spelling
    for code, often in FREQUENCIES.items():
        for spelling in (code, often.words):
            assert read(f"amoxicillin 500mg po {spelling} 5/7").frequency == code, spelling
    for spelling, unit in grammar.UNIT_SPELLINGS.items():
        assert read(f"amoxicillin 2 {spelling} po tds 5/7").dose_unit == unit, spelling


@pytest.mark.parametrize(
    ("kind", "spelling"), [(kind, spelling) for kind, found in grammar.ERROR_PRONE.items() for spelling in found]
)
def test_every_dangerous_abbreviation_is_refused_with_what_to_write(kind: str, spelling: str) -> None:
    line = f"zinc 5 {spelling} po od 5/7" if kind == "unit_error_prone" else f"zinc 5 mg po od {spelling} 5/7"
    for text in (line, line.replace(spelling, spelling.translate(CAPITALS))):
        refusals = read(text).refusals
        assert [refusal.code for refusal in refusals] == ["error_prone"], text
        assert all(write in refusals[0].say for write in grammar.ERROR_PRONE[kind][spelling].split(" or "))
        assert "_" not in refusals[0].say


def test_a_high_alert_drug_is_known_by_its_whole_name_only() -> None:
    assert high_alert("Insulin soluble (Actrapid)") == HIGH_ALERT["insulin"]
    assert high_alert("Potassium-chloride") == HIGH_ALERT["potassium chloride"]
    assert high_alert("insulinoma") is None
    assert high_alert("potassium citrate") is None


def test_no_two_names_are_shown_alike_or_stored_in_tall_letters() -> None:
    shown = [name for names in TALL_MAN for name in names]
    assert len({name.lower() for name in shown}) == len(shown)
    assert all(any(letter.isupper() for letter in name) for name in shown)


# --- over HTTP ---


def test_a_doctor_has_a_line_read_for_the_drug_that_was_chosen(doctor: Person, enter: Enter) -> None:
    amoxicillin = enter()
    body = {"text": "amoxicillin 500mg TDS 5/7", "drug_id": amoxicillin["id"]}
    answer = doctor.post("/signatures", body)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json  # type: ignore[assignment]
    assert (said["dose"], said["dose_unit"], said["frequency"], said["duration_days"]) == (500, "mg", "tds", 5)
    assert said["directions"] == "DOSE 500\u00a0mg – oral – three times a day – for 5 days"
    assert (said["supply"], said["supply_unit"]) == (15, "capsule")
    assert (said["refusals"], said["asks"], said["unread"], said["doubts"]) == ([], [], [], [])
    assert said["text"] == body["text"]
    assert said["pieces"][0] == {"kind": "drug", "text": "amoxicillin"}


def test_no_drug_is_guessed_from_its_first_letters(doctor: Person, enter: Enter) -> None:
    enter()
    said: dict[str, Any] = doctor.post("/signatures", {"text": "amox 500 po tds 5/7"}).json  # type: ignore[assignment]
    assert [ask["field"] for ask in said["asks"]] == ["drug_id", "dose_unit"]
    assert (said["drug"], said["supply"], said["supply_unit"]) == ("amox", None, None)


def test_a_dangerous_abbreviation_comes_back_with_what_to_write(doctor: Person) -> None:
    said: dict[str, Any] = doctor.post("/signatures", {"text": "insulin soluble 12u sc tds 30/7"}).json  # type: ignore[assignment]
    assert said["refusals"] == [
        {
            "text": "12u",
            "code": "error_prone",
            "values": ["u", "units"],
            "say": "u has been misread too often: write units",
        }
    ]
    assert said["high_alert"] == {"name": "insulin", "why": "insulin", "weekly": False}
    assert said["dose"] is None


def test_a_dose_per_kg_is_reckoned_with_the_weight(doctor: Person) -> None:
    body = {"text": "gentamicin 5mg/kg iv od for 3 days", "weight_kg": 18.35}
    said: dict[str, Any] = doctor.post("/signatures", body).json  # type: ignore[assignment]
    assert (said["dose"], said["dose_per_kg"]) == (91.75, 5)
    assert doctor.post("/signatures", {**body, "weight_kg": 0}).status_code == 422


def test_what_cannot_stand_on_a_line_and_what_is_odd_is_said_while_it_is_typed(doctor: Person, enter: Enter) -> None:
    amoxicillin = enter()

    def said(text: str) -> dict[str, Any]:
        found: dict[str, Any] = doctor.post("/signatures", {"text": text, "drug_id": amoxicillin["id"]}).json  # type: ignore[assignment]
        return found

    assert [ask["field"] for ask in said("500mg stat for 3 days")["asks"]] == ["duration_days"]
    assert [ask["field"] for ask in said("500mg tds prn pain max 250mg 5/7")["asks"]] == ["max_in_24h"]
    assert [ask["field"] for ask in said("500mg-1g qds prn pain max 4g 5/7")["asks"]] == ["dose"]
    assert "in one dose" in said("6 g tds 5/7")["doubts"][0]
    assert (said("500mg po tds 5/7")["supply"], said("500mg po tds bd 5/7")["supply"]) == (15, None)


def test_a_line_is_read_for_a_drug_that_is_there(doctor: Person, pharmacist: Person, enter: Enter) -> None:
    amoxicillin = enter()
    assert pharmacist.delete(f"/drugs/{amoxicillin['id']}", "no longer made").status_code == 204
    for drug_id in (amoxicillin["id"], some_id()):
        answer = doctor.post("/signatures", {"text": "500mg po tds 5/7", "drug_id": drug_id})
        assert (answer.status_code, answer.json["code"]) == (422, "Invalid")  # type: ignore[index]
        assert set(answer.json["fields"]) == {"drug_id"}  # type: ignore[index]


def test_reading_a_line_prescribes_nothing_and_is_for_those_who_prescribe(
    doctor: Person, sign_in: Callable[[Role | str], Person], enter: Enter, place: str
) -> None:
    amoxicillin = enter()
    doctor.post("/signatures", {"text": "500mg po tds 5/7", "drug_id": amoxicillin["id"]})
    assert doctor.get(place).status_code == 404
    assert sign_in(Role.NURSE).post("/signatures", {"text": "500mg po tds 5/7"}).status_code == 403


def test_every_part_of_a_signature_is_in_the_answer(doctor: Person) -> None:
    said: dict[str, Any] = doctor.post("/signatures", {"text": ""}).json  # type: ignore[assignment]
    assert {field.name for field in dataclasses.fields(Signature)} <= set(said)
