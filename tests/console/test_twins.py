"""The console and the API are two doors of one house: each way of the console is held against its twin route."""

from __future__ import annotations

import pytest

from hmis.app import DOMAINS
from hmis.console.classes import CLASSES
from hmis.console.kinds import PARENTS, READING, Kind, Way
from hmis.core.http import API, Route
from hmis.core.schemas import OptionalReason, Reason

ROUTES: dict[str, Route] = {
    f"{route.method} {route.path.removeprefix(API)}": route for domain in DOMAINS for route in domain.routes
}
WAYS = [
    pytest.param(kind, way, id=f"{kind.name}.{way.verb} {way.within}") for kind in CLASSES.values() for way in kind.ways
]
ASKED_FOR = {
    "people": {"Patient", "Staff", "Doctor", "Nurse", "Pharmacist", "RecordOfficer", "Admin"},
    "records": {"Consultation", "VitalSign", "NurseNote", "Prescription", "DrugPrescription", "Dispense", "Addendum"},
    "the day and its drugs": {"Visit", "Drug"},
}


def test_every_class_the_project_was_asked_for_is_there() -> None:
    assert set(CLASSES) == set.union(*ASKED_FOR.values())


@pytest.mark.parametrize(("kind", "way"), WAYS)
def test_both_doors_ask_for_the_same_permission(kind: Kind, way: Way) -> None:
    assert set(way.needs) == set(ROUTES[way.twin].needs or ())


@pytest.mark.parametrize(("kind", "way"), WAYS)
def test_both_doors_take_the_same_body(kind: Kind, way: Way) -> None:
    route = ROUTES[way.twin]
    listing_of_a_part = (kind.name, way.verb) in {("DrugPrescription", "all"), ("Addendum", "show")}
    if not listing_of_a_part and way.verb != "show":
        assert way.takes is (route.body or route.query)


@pytest.mark.parametrize(("kind", "way"), WAYS)
def test_both_doors_tell_the_audit_of_the_same_searches(kind: Kind, way: Way) -> None:
    assert way.searches == ROUTES[way.twin].searches


@pytest.mark.parametrize(("kind", "way"), WAYS)
def test_what_reads_is_no_write_and_what_writes_is_one(kind: Kind, way: Way) -> None:
    assert ROUTES[way.twin].writes is (way.verb not in READING)


@pytest.mark.parametrize("kind", CLASSES.values(), ids=CLASSES)
def test_no_field_of_a_body_is_called_like_a_parent(kind: Kind) -> None:
    for way in kind.ways:
        assert not set(PARENTS) & set(way.takes.model_fields if way.takes else ())


@pytest.mark.parametrize("kind", CLASSES.values(), ids=CLASSES)
def test_ways_to_one_thing_take_one_body(kind: Kind) -> None:
    """The first of several decides what is asked of the line, so parents alone tell them apart."""
    for verb in kind.verbs:
        ways = kind.ways_to(verb)
        if verb not in ("all", "find"):
            assert len({way.takes for way in ways}) == 1
        assert len({way.within for way in ways}) == len(ways)


def test_every_clinical_record_is_withdrawn_with_a_reason() -> None:
    for name in ("Consultation", "VitalSign", "NurseNote", "Prescription", "DrugPrescription", "Dispense"):
        (way,) = CLASSES[name].ways_to("destroy")
        assert way.takes is Reason
    assert CLASSES["Drug"].ways_to("destroy")[0].takes is OptionalReason
