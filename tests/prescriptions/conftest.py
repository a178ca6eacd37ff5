"""A doctor with a patient before them, and the drugs the pharmacy knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Person

Enter = Callable[..., dict[str, Any]]
Prescribe = Callable[..., dict[str, Any]]


def amoxicillin_line(drug: dict[str, Any], **values: Any) -> dict[str, Any]:
    """500 mg three times a day for 5 days: 15 capsules."""
    line = {"drug_id": drug["id"], "dose": 500, "dose_unit": "mg", "frequency": "tds", "duration_days": 5}
    return {**line, **values}


@pytest.fixture
def enter(pharmacist: Person) -> Enter:
    """Enter a drug at the pharmacy; the answer's body."""

    def go(generic_name: str = "amoxicillin", **values: Any) -> dict[str, Any]:
        body = {"strength": "500 mg", "form": "capsule", "route": "oral", **values, "generic_name": generic_name}
        answer = pharmacist.post("/drugs", body)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json
        return found

    return go


@pytest.fixture
def amoxicillin(enter: Enter) -> dict[str, Any]:
    return enter()


@pytest.fixture
def paracetamol(enter: Enter) -> dict[str, Any]:
    return enter("paracetamol", form="tablet")


@pytest.fixture
def consult(doctor: Person, patient: dict[str, Any]) -> Callable[..., str]:
    """A consultation of that doctor with the patient; where its prescription is."""

    def go(by: Person = doctor, of: str = patient["id"]) -> str:
        answer = by.post(f"/patients/{of}/consultations", {"presenting_complaint": "Cough"})
        assert answer.status_code == 201, answer.text
        return f"/patients/{of}/consultations/{answer.json['id']}/prescription"  # type: ignore[index]

    return go


@pytest.fixture
def place(consult: Callable[..., str]) -> str:
    """Where the prescription of the doctor's consultation is."""
    return consult()


@pytest.fixture
def prescribe(doctor: Person, place: str, amoxicillin: dict[str, Any]) -> Prescribe:
    """The doctor prescribes; without lines, 15 capsules of amoxicillin."""

    def go(*lines: dict[str, Any]) -> dict[str, Any]:
        answer = doctor.post(place, {"drugs": list(lines) or [amoxicillin_line(amoxicillin)]})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json
        return found

    return go
