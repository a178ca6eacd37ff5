"""Which patient a URL means: a UUID, or the hospital number, which works wherever a UUID does."""

from __future__ import annotations

import re
import uuid
from typing import Any, ClassVar

from sqlalchemy import ColumnElement
from werkzeug.routing import BaseConverter

from hmis.core.errors import HospitalNumberInvalid, NotFound
from hmis.patients.hospital_number import MistypedNumber, parse
from hmis.patients.models import Patient

_NUMBERISH = re.compile(r"[\d\s\u2010-\u2015-]{6,20}", re.ASCII)
"""Digits as a hospital number is written, right or wrong."""


class PatientRef(str):
    """What stood in the URL. Nothing is looked up until somebody asks."""

    __slots__ = ()

    @property
    def id(self) -> uuid.UUID | None:
        """The key, where the URL held one."""
        try:
            return uuid.UUID(self)
        except ValueError:
            return None

    def criterion(self) -> ColumnElement[bool]:
        """The condition that holds for this patient alone. Raises `HospitalNumberInvalid` or `NotFound`."""
        return self._means() & Patient.set_aside_at.is_(None)

    def _means(self) -> ColumnElement[bool]:
        if self.id is not None:
            return Patient.id == self.id
        if not any(character.isdigit() for character in self) or not _NUMBERISH.fullmatch(self):
            raise NotFound("there is no such patient here")
        try:
            return Patient.hospital_number == parse(self)
        except MistypedNumber as error:
            raise HospitalNumberInvalid(str(error), fields={"hospital_number": str(error)}) from error


class PatientConverter(BaseConverter):
    """`<patient:...>` in a route."""

    regex = r"[^/]{1,64}"
    schema: ClassVar[dict[str, Any]] = {
        "type": "string",
        "minLength": 1,
        "maxLength": 64,
        "description": "The patient's UUID, or the hospital number",
        "example": "104226784",
    }
    """How the API document describes it."""

    def to_python(self, value: str) -> PatientRef:
        """What the view receives."""
        return PatientRef(value)
