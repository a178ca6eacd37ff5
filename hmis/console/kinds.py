"""What the registry of classes is made of: a class, the ways to do something with it, and where one of them is."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement

from hmis.core.access import Permission
from hmis.core.db import BaseModel, HospitalSession
from hmis.core.paging import Page
from hmis.core.schemas import In, Out
from hmis.patients.reference import PatientRef

READING = ("show", "all", "find")
"""Verbs that change nothing."""
PARENTS = ("patient", "consultation", "prescription", "record", "by")
"""Names by which it is said what a thing belongs to, beside the fields of its own."""
_NOBODY = PatientRef("")


@dataclass(frozen=True)
class Place:
    """Where a thing is: what the URL of the API would say of it."""

    patient: PatientRef = _NOBODY
    consultation_id: uuid.UUID | None = None
    id: uuid.UUID | None = None
    of: Kind | None = None
    """For an addendum: the class of the record that it stands under."""

    @property
    def one(self) -> uuid.UUID:
        """The id, where the thing itself is meant and not the list."""
        assert self.id is not None
        return self.id

    @property
    def consultation(self) -> uuid.UUID:
        """The consultation, where there has to be one."""
        assert self.consultation_id is not None
        return self.consultation_id


@dataclass(frozen=True)
class Way:
    """One thing that can be done with a class: the twin of an operation of the API, with the same needs and body."""

    verb: str
    twin: str
    """`GET /patients/<patient:patient>/vitals`: a test compares what the two ask and take."""
    needs: tuple[Permission, ...]
    """Any one of them is enough."""
    does: Callable[[HospitalSession, Place, Any], Any]
    """The call of the service; what it gives is a row, an answer, or a page of them."""
    takes: type[In] | None = None
    within: str = ""
    """Name of the parent that has to be told: `patient`, `consultation`, ..."""
    searches: bool = False
    """It looks over many patients, which the audit notes."""


@dataclass(frozen=True)
class Column:
    """One column of a list: where in an answer its value is, or how it is made of one."""

    title: str
    value: str | Callable[[Mapping[str, Any]], Any]
    if_any: bool = False
    """Left out where no row has anything in it."""
    right: bool = False

    def of(self, row: Mapping[str, Any]) -> Any:
        """The value in a row."""
        return at(row, self.value) if isinstance(self.value, str) else self.value(row)


@dataclass(frozen=True)
class Kind:
    """A class as the console knows it."""

    name: str
    says: str
    """What it is, in a line."""
    model: type[BaseModel]
    gives: type[Out]
    columns: tuple[Column, ...]
    label: Callable[[Mapping[str, Any]], str]
    """What one of them is called in a sentence."""
    locate: Callable[[HospitalSession, str], Place]
    """Where the one of this id or number is. Raises `NotFound`."""
    ways: tuple[Way, ...]
    standing: Callable[[], ColumnElement[bool]]
    """The condition for those that `count` counts."""
    counts: tuple[Permission, ...]
    number: str = ""
    """Field that holds the number people know it by; empty: the short id."""
    happened: str = ""
    """Field that says when it happened, which is now unless somebody says otherwise: when it was typed, not saved."""
    find: Callable[[HospitalSession, Place], Any] = field(default=lambda session, place: None)

    def ways_to(self, verb: str) -> list[Way]:
        """All ways to do this with the class."""
        return [way for way in self.ways if way.verb == verb]

    @property
    def verbs(self) -> list[str]:
        """What can be done with the class, in the order of the registry."""
        return list(dict.fromkeys(way.verb for way in self.ways))

    def row(self, given: Any) -> dict[str, Any]:
        """What the API would answer, by field; what the reader's role may not see is absent."""
        if given is None:
            return {}
        shown = given if isinstance(given, Out) else self.gives.model_validate(given)
        return shown.model_dump(exclude_unset=True)

    def rows(self, page: Page[Any]) -> list[dict[str, Any]]:
        """The same of a page."""
        return [self.row(item) for item in page.items]


def at(row: Mapping[str, Any], path: str) -> Any:
    """The value at `news2.total`; None where there is nothing on the way."""
    value: Any = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
