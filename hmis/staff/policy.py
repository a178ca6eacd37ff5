"""What a member of staff may see and change of a profile, beyond the role."""

from __future__ import annotations

from collections.abc import Iterable

from hmis.core.access import Actor, Permission
from hmis.core.errors import NotPermitted
from hmis.staff.models import Staff

OWN_FIELDS = frozenset({"phone", "email", "address"})
"""What everybody keeps up to date themselves."""


def may_see(actor: Actor, staff: Staff | None) -> Staff:
    """One's own profile; others' for who reads the staff. Raises `NotPermitted`, also where there is nobody."""
    if staff is not None and (staff.id == actor.staff_id or actor.may(Permission.STAFF_READ)):
        return staff
    raise NotPermitted("only your own profile is yours to see")


def may_change(actor: Actor, fields: Iterable[str]) -> None:
    """One's own contact details; the rest is for who runs the staff. Raises `NotPermitted`."""
    others = sorted(set(fields) - OWN_FIELDS)
    if others and not actor.may(Permission.STAFF_EDIT):
        raise NotPermitted(
            f"{', '.join(others)}: ask the administrator to change this",
            fields=dict.fromkeys(others, "not yours to change"),
        )
