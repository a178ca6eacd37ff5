"""Whatever happens in whatever order, and at the same moment: never more is handed out than was prescribed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from hmis.core.store import Store
from hmis.pharmacy.models import Dispense, DispensedLine
from tests.conftest import Person, on_mariadb
from tests.prescriptions.conftest import Prescribe, amoxicillin_line

PRESCRIBED = 15
AT_ONCE = 16

ACTS = st.one_of(
    st.tuples(st.just("dispense"), st.integers(1, 20)),
    st.tuples(st.just("withdraw"), st.integers(0, 5)),
    st.tuples(st.sampled_from(["hold", "release"]), st.none()),
    st.tuples(st.just("correct"), st.integers(1, 20)),
    st.tuples(st.just("stop"), st.none()),
)


class Line:
    """What ought to happen to one line, reckoned by hand."""

    def __init__(self) -> None:
        self.prescribed, self.held, self.stopped = PRESCRIBED, False, False
        self.handed_out: list[tuple[str, int]] = []

    @property
    def dispensed(self) -> int:
        return sum(quantity for _, quantity in self.handed_out)

    @property
    def state(self) -> str:
        if self.stopped:
            return "stopped"
        if self.dispensed == self.prescribed:
            return "dispensed"
        return "on_hold" if self.held else "partly_dispensed" if self.dispensed else "active"


def dispensed(store: Store, line_id: str) -> int:
    """Handed out of a line, by the dispenses that stand."""
    with store.session(writes=False) as session:
        rows = session.execute(
            select(DispensedLine.line_id, func.sum(DispensedLine.quantity))
            .join(DispensedLine.dispense)
            .where(Dispense.voided_at.is_(None))
            .group_by(DispensedLine.line_id)
        ).all()
    return next((int(total) for line, total in rows if str(line) == line_id), 0)


@pytest.mark.usefixtures("time")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, max_size=12))
def test_any_sequence_of_acts_leaves_no_more_than_prescribed(
    doctor: Person, pharmacist: Person, consult: Callable[..., str], amoxicillin: dict[str, Any], store: Store,
    register: Callable[..., dict[str, Any]], acts: list[tuple[str, Any]],
) -> None:  # fmt: skip
    place = consult(of=register()["id"])
    line_id = doctor.post(place, {"drugs": [amoxicillin_line(amoxicillin)]}).json["lines"][0]["id"]  # type: ignore[index]
    one, line = f"{place}/drugs/{line_id}", Line()
    for act, much in acts:
        match act:
            case "dispense":
                answer = pharmacist.post(f"{place}/dispenses", {"lines": [{"line_id": line_id, "quantity": much}]})
                fits = not line.stopped and not line.held and line.dispensed + much <= line.prescribed
                assert answer.status_code == (201 if fits else 409), answer.text
                if fits:
                    line.handed_out.append((answer.json["id"], much))  # type: ignore[index]
            case "withdraw" if much < len(line.handed_out):
                dispense_id, _ = line.handed_out.pop(much)
                assert pharmacist.delete(f"{place}/dispenses/{dispense_id}", "brought back").status_code == 204
            case "hold":
                fits = line.state in ("active", "partly_dispensed") and not line.held
                assert pharmacist.post(f"{one}/hold", {"reason": "dose?"}).status_code == (200 if fits else 409)
                line.held = line.held or fits
            case "release":
                fits = line.held and not line.stopped
                assert pharmacist.post(f"{one}/release", {"reason": "asked"}).status_code == (200 if fits else 409)
                line.held = line.held and not fits
            case "correct":
                fits = not line.stopped and not line.dispensed
                assert doctor.put(one, {"quantity": much}).status_code == (200 if fits else 409)
                line.prescribed = much if fits else line.prescribed
            case "stop":
                assert doctor.post(f"{one}/stop", {"reason": "rash"}).status_code == (409 if line.stopped else 200)
                line.stopped = True
        shown = doctor.get(place).json["lines"][0]  # type: ignore[index]
        assert (shown["dispensed"], shown["state"]) == (line.dispensed, line.state)
        assert shown["dispensed"] + shown["left"] == line.prescribed
        assert dispensed(store, line_id) == line.dispensed <= line.prescribed


def together(acts: list[Callable[[], int]]) -> Counter[int]:
    """All of them at the same moment; how often each status came back."""
    with ThreadPoolExecutor(len(acts)) as pool:
        return Counter(answer.result() for answer in [pool.submit(act) for act in acts])


@pytest.fixture
def crowd(app: Flask, store: Store) -> Callable[[str], list[Person]]:
    """Sixteen computers at which the same person is signed in."""
    return lambda username: [Person(app, username) for _ in range(AT_ONCE)]


@on_mariadb
def test_sixteen_at_once_hand_out_no_more_than_prescribed(
    crowd: Callable[[str], list[Person]], pharmacist: Person, place: str, prescribe: Prescribe, store: Store
) -> None:
    line = prescribe()["lines"][0]["id"]
    body = {"lines": [{"line_id": line, "quantity": 2}]}
    seen = together([lambda p=p: p.post(f"{place}/dispenses", body).status_code for p in crowd("pharmacist")])
    assert seen == {201: 7, 409: 9}, "seven pairs of fifteen"
    assert dispensed(store, line) == 14
    shown = pharmacist.get(place).json
    assert (shown["lines"][0]["dispensed"], shown["state"]) == (14, "partly_dispensed")  # type: ignore[index]


@on_mariadb
def test_sixteen_at_once_write_one_prescription(crowd: Callable[[str], list[Person]], place: str) -> None:
    assert together([lambda p=p: p.post(place).status_code for p in crowd("doctor")]) == {201: 1, 409: 15}


@on_mariadb
def test_a_line_corrected_or_withdrawn_while_it_is_handed_out_is_one_or_the_other(
    app: Flask, doctor: Person, consult: Callable[..., str], amoxicillin: dict[str, Any], store: Store,
    register: Callable[..., dict[str, Any]],
) -> None:  # fmt: skip
    doctors = [Person(app, "doctor") for _ in range(4)]
    pharmacists = [Person(app, "pharmacist") for _ in range(4)]

    def contend(place: str, line: str) -> None:
        body = {"lines": [{"line_id": line, "quantity": 5}]}
        acts = [lambda p=p: p.post(f"{place}/dispenses", body).status_code for p in pharmacists]
        acts.append(lambda: doctors[0].put(f"{place}/drugs/{line}", {"quantity": 4}).status_code)
        acts.append(lambda: doctors[1].delete(f"{place}/drugs/{line}", "wrong drug").status_code)
        acts.append(lambda: doctors[2].delete(place, "wrong patient").status_code)
        acts.append(lambda: doctors[3].delete(place.removesuffix("/prescription"), "wrong day").status_code)
        assert set(together(acts)) <= {200, 201, 204, 409}

    for _ in range(6):
        place = consult(of=register()["id"])
        line = doctor.post(place, {"drugs": [amoxicillin_line(amoxicillin)]}).json["lines"][0]["id"]  # type: ignore[index]
        contend(place, line)
        found = doctor.get(place).json
        handed_out = dispensed(store, line)
        if handed_out:
            assert found["voided"] is None  # type: ignore[index]
            assert found["lines"][0]["quantity"] == 15 >= handed_out  # type: ignore[index]
            assert doctor.get(place.removesuffix("/prescription")).json["voided"] is None  # type: ignore[index]
