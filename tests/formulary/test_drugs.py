"""Drugs: entered by a pharmacist, found by any word of their names, retired and never erased."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, text

from hmis.core.access import Role
from hmis.core.db import lawful
from hmis.core.store import Store
from hmis.formulary import service
from hmis.formulary.models import Drug
from tests.conftest import Person, on_mariadb, some_id

SignIn = Callable[[Role | str], Person]

AMOXIL: dict[str, Any] = {
    "generic_name": "amoxicillin",
    "brand_name": "Amoxil",
    "strength": "500 mg",
    "form": "capsule",
    "route": "oral",
    "pack_size": 100,
}


@pytest.fixture
def amoxil(pharmacist: Person) -> dict[str, Any]:
    answer = pharmacist.post("/drugs", AMOXIL)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [drug["name"] for drug in answer.json["items"]]


def test_a_drug_is_entered_and_shown(pharmacist: Person, doctor: Person, amoxil: dict[str, Any]) -> None:
    shown = doctor.get(f"/drugs/{amoxil['id']}")
    assert shown.json == amoxil
    assert shown.json["name"] == "amoxicillin 500 mg capsule (Amoxil)"
    assert {name: amoxil[name] for name in AMOXIL} == AMOXIL
    assert amoxil["retired_at"] is None
    assert doctor.get(f"/drugs/{some_id()}").status_code == 404


@pytest.mark.parametrize("role", [Role.ADMIN, Role.DOCTOR, Role.NURSE, Role.RECORD_OFFICER])
def test_only_a_pharmacist_enters_drugs(sign_in: SignIn, amoxil: dict[str, Any], role: Role) -> None:
    person = sign_in(role)
    assert person.post("/drugs", AMOXIL).status_code == 403
    assert person.put(f"/drugs/{amoxil['id']}", {"pack_size": 10}).status_code == 403
    assert person.delete(f"/drugs/{amoxil['id']}", "obsolete").status_code == 403
    assert person.get("/drugs").status_code == (403 if role is Role.RECORD_OFFICER else 200)


@pytest.mark.parametrize(
    "same", [{}, {"brand_name": "AMOXIL"}, {"strength": "500mg"}, {"form": "Capsule"}, {"generic_name": "Amoxicillin "}]
)
def test_the_same_drug_is_entered_once(pharmacist: Person, amoxil: dict[str, Any], same: dict[str, Any]) -> None:
    refused = pharmacist.post("/drugs", AMOXIL | same)
    assert refused.status_code == 409
    assert refused.json["drug_id"] == amoxil["id"]  # type: ignore[index]


@pytest.mark.parametrize(
    "other", [{"brand_name": None}, {"strength": "50.0 mg"}, {"form": "tablet"}, {"generic_name": "ampicillin"}]
)
def test_another_strength_form_brand_or_name_is_another_drug(
    pharmacist: Person, amoxil: dict[str, Any], other: dict[str, Any]
) -> None:
    assert pharmacist.post("/drugs", AMOXIL | other).status_code == 201
    twin = pharmacist.put(f"/drugs/{amoxil['id']}", other)
    assert twin.status_code == 409, "an edit makes no double either"


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("amox", ["amoxicillin 250 mg capsule", "amoxicillin 500 mg capsule (Amoxil)"]),
        ("AMOXIL", ["amoxicillin 500 mg capsule (Amoxil)"]),
        ("amox 500", ["amoxicillin 500 mg capsule (Amoxil)"]),
        ("500 amoxi", ["amoxicillin 500 mg capsule (Amoxil)"]),
        ("250mg amox", ["amoxicillin 250 mg capsule"]),
        ("oxicillin", []),
        ("cotrim", ["co-trimoxazole 480 mg tablet (Séptrin)"]),
        ("co trim", ["co-trimoxazole 480 mg tablet (Séptrin)"]),
        ("septrin", ["co-trimoxazole 480 mg tablet (Séptrin)"]),
        ("!!", []),
        ("a" * 70, []),
    ],
)
def test_a_drug_is_found_by_words_in_any_order(
    pharmacist: Person, amoxil: dict[str, Any], q: str, found: list[str]
) -> None:
    pharmacist.post("/drugs", {"generic_name": "amoxicillin", "strength": "250 mg", "form": "capsule"})
    pharmacist.post(
        "/drugs",
        {"generic_name": "co-trimoxazole", "brand_name": "Séptrin", "strength": "480 mg", "form": "tablet"},
    )
    assert names(pharmacist.get("/drugs", q=q)) == found


def test_the_list_goes_by_name_page_after_page(pharmacist: Person) -> None:
    for name in ("zinc", "aspirin", "Morphine", "aspirin forte"):
        pharmacist.post("/drugs", {"generic_name": name})
    first = pharmacist.get("/drugs", limit=3)
    assert names(first) == ["aspirin", "aspirin forte", "Morphine"]
    second = pharmacist.get("/drugs", limit=3, cursor=first.json["next"])  # type: ignore[index]
    assert names(second) == ["zinc"]
    assert second.json["next"] is None  # type: ignore[index]


def test_a_corrected_name_is_found_by_its_right_words_alone(pharmacist: Person) -> None:
    drug = pharmacist.post("/drugs", {"generic_name": "amlodipine", "strength": "5 mg"}).json
    answer = pharmacist.put(f"/drugs/{drug['id']}", {"generic_name": "amiloride"}, if_match=drug["version"])  # type: ignore[index]
    assert answer.status_code == 200, answer.text
    assert names(pharmacist.get("/drugs", q="amlodipine")) == []
    assert names(pharmacist.get("/drugs", q="amil 5")) == ["amiloride 5 mg"]
    stale = pharmacist.put(f"/drugs/{drug['id']}", {"pack_size": 3}, if_match=drug["version"])  # type: ignore[index]
    assert stale.status_code == 412


def test_a_retired_drug_leaves_the_list_and_stays_readable(pharmacist: Person, amoxil: dict[str, Any]) -> None:
    one = f"/drugs/{amoxil['id']}"
    assert pharmacist.delete(one, "no longer bought").status_code == 204
    assert names(pharmacist.get("/drugs")) == []
    assert names(pharmacist.get("/drugs", q="amoxil")) == []
    assert names(pharmacist.get("/drugs", q="amoxil", include="retired")) == [amoxil["name"]]
    shown = pharmacist.get(one).json
    assert shown["retire_reason"] == "no longer bought"  # type: ignore[index]
    assert shown["retired_at"]  # type: ignore[index]
    assert pharmacist.delete(one).status_code == 409
    assert pharmacist.put(one, {"pack_size": 10}).status_code == 409
    assert pharmacist.post("/drugs", AMOXIL).status_code == 201, "bought again, it is entered anew"


def test_doubles_from_elsewhere_stand_side_by_side(pharmacist: Person, amoxil: dict[str, Any], store: Store) -> None:
    with store.session() as session:
        service.enter(session, Drug(**AMOXIL, code="308182", code_system="RxNorm"))
        session.commit()
    both = pharmacist.get("/drugs", q="amoxil")
    assert names(both) == [amoxil["name"]] * 2
    assert pharmacist.post("/drugs", AMOXIL).status_code == 409
    for drug in both.json["items"]:  # type: ignore[index]
        assert pharmacist.put(f"/drugs/{drug['id']}", {"pack_size": 21}).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"generic_name": ""},
        {"generic_name": None},
        {"generic_name": "x" * 241},
        {"pack_size": 0},
        {"pack_size": "100"},
        {"pack_size": 1.5},
        {"price": 3},
        {"retired_at": None},
        {"name_folded": "x"},
        {"strength": "s" * 81},
    ],
)
def test_what_is_no_drug_is_refused(pharmacist: Person, amoxil: dict[str, Any], wrong: dict[str, Any]) -> None:
    assert pharmacist.post("/drugs", {"generic_name": "ibuprofen"} | wrong).status_code == 422
    assert pharmacist.put(f"/drugs/{amoxil['id']}", wrong).status_code == 422
    assert pharmacist.get(f"/drugs/{amoxil['id']}").json == amoxil


def test_a_search_is_one_query_however_many_words(
    pharmacist: Person, amoxil: dict[str, Any], queries: list[str]
) -> None:
    pharmacist.get("/drugs", q="x")
    queries.clear()
    pharmacist.get("/drugs", limit=1)
    plain = len(queries)
    queries.clear()
    pharmacist.get("/drugs", q="amox amoxil 500")
    assert len(queries) == plain
    assert sum("drug_words" in query for query in queries) == 1


@on_mariadb
def test_a_search_among_thousands_walks_an_index(pharmacist: Person, store: Store) -> None:
    with store.session() as session:
        for number in range(2000):
            drug = Drug(generic_name=f"{chr(97 + number % 26)}drug{number}", strength=f"{number} mg")
            service.enter(session, drug)
        session.commit()
    with store.engine.begin() as connection, lawful(connection):
        connection.execute(text("ANALYZE TABLE drugs, drug_words"))
    seen: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        if "FROM drugs" in statement:
            seen.append((statement, parameters))

    event.listen(store.engine, "before_cursor_execute", note)
    assert len(names(pharmacist.get("/drugs", q="bdrug10"))) > 0
    assert len(names(pharmacist.get("/drugs", limit=10))) == 10
    event.remove(store.engine, "before_cursor_execute", note)
    with store.engine.connect() as connection:
        for statement, parameters in seen:
            plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).mappings().all()
            assert all(step["type"] != "ALL" for step in plan if not step["table"].startswith("<")), plan
            assert sum(int(step["rows"] or 0) for step in plan) < 500, plan
