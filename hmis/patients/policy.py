"""Who may register whom, beyond the role."""

from __future__ import annotations

from hmis.core.access import Actor, Permission
from hmis.core.errors import NotPermitted
from hmis.patients.schemas import PatientIn


def may_register(actor: Actor, body: PatientIn) -> None:
    """A clinician registers only what cannot wait. Raises `NotPermitted`."""
    if actor.may(Permission.PATIENTS_EDIT) or body.emergency or body.unknown_identity:
        return
    raise NotPermitted("registration is the record officer's; in an emergency send `emergency: true`")
