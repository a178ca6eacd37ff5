"""Which member of staff a URL means: a UUID, or the staff number, which works wherever a UUID does."""

from __future__ import annotations

import re
import uuid
from typing import Any, ClassVar

from sqlalchemy import ColumnElement
from werkzeug.routing import BaseConverter

from hmis.core.errors import NotFound
from hmis.staff.models import Staff

STAFF_NUMBER = re.compile(r"[A-Za-z]{3}\d{4,12}")
"""DOC0001 and the like."""


class StaffRef(str):
    """What stood in the URL. Nothing is looked up until somebody asks."""

    __slots__ = ()

    def criterion(self) -> ColumnElement[bool]:
        """The condition that holds for this member of staff alone. Raises `NotFound`."""
        if STAFF_NUMBER.fullmatch(self):
            return Staff.staff_number == self.upper()
        try:
            return Staff.id == uuid.UUID(self)
        except ValueError as error:
            raise NotFound("there is no such member of staff here") from error


class StaffConverter(BaseConverter):
    """`<staff:...>` in a route; `/staffs/doctors` and the like are none, and take no DELETE."""

    regex = rf"(?:{STAFF_NUMBER.pattern}|[0-9A-Fa-f-]{{32,36}})"
    schema: ClassVar[dict[str, Any]] = {
        "type": "string",
        "minLength": 1,
        "maxLength": 64,
        "description": "The UUID of a member of staff, or the staff number",
        "example": "DOC0001",
    }
    """How the API document describes it."""

    def to_python(self, value: str) -> StaffRef:
        """What the view receives."""
        return StaffRef(value)
