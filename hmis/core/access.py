"""Who may do what: roles, permissions, grants, and the one question `require()`.

Asked by the route declaration and by the console, nowhere else. `docs/access.md` is generated from here.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from enum import StrEnum

from hmis.core.errors import NotPermitted, NotSignedIn


class Role(StrEnum):
    """The five jobs that sign in."""

    ADMIN = "admin"
    DOCTOR = "doctor"
    NURSE = "nurse"
    PHARMACIST = "pharmacist"
    RECORD_OFFICER = "record_officer"


class Permission(StrEnum):
    """One thing a person may be allowed to do."""

    says: str
    """What it allows, in a plain sentence."""

    def __new__(cls, name: str, says: str) -> Permission:
        """A permission by its name; nobody grants what nobody has explained."""
        permission = str.__new__(cls, name)
        permission._value_ = name
        permission.says = says
        return permission

    SIGNED_IN = (
        "account:own",
        "See and change one's own profile, password, sessions and drafts, and see the hospital's counts.",
    )
    PATIENTS_LIST = "patients:list", "Search the list of patients: name, hospital number, sex and age."
    PATIENTS_READ = "patients:read", "Open a patient's identity."
    PATIENTS_CONTACT = "patients:contact", "See a patient's address, phone, e-mail, next of kin and identifiers."
    PATIENTS_PHONE = "patients:phone", "See a patient's phone number."
    PATIENTS_REGISTER = "patients:register", "Register a patient."
    PATIENTS_EDIT = "patients:edit", "Correct a patient's identity."
    PATIENTS_DELETE = "patients:delete", "Set aside a patient who has no chart."
    ASSERTIONS_READ = "assertions:read", "See blood group, genotype and pregnancy."
    ASSERTIONS_RECORD = "assertions:record", "Record blood group, genotype and pregnancy."
    VISITS_READ = "visits:read", "See who came today, to which clinic, and where they are."
    VISITS_CHECK_IN = "visits:check_in", "Check a patient in."
    VISITS_MOVE = "visits:move", "Move a patient on through the day."
    CONSULTATIONS_READ = "consultations:read", "Read consultations."
    CONSULTATIONS_SUMMARY = (
        "consultations:summary",
        "See author, time and diagnoses of consultations, and no more of them.",
    )
    CONSULTATIONS_RECORD = "consultations:record", "Write consultations and diagnoses."
    VITALS_READ = "vitals:read", "Read vital signs."
    VITALS_RECORD = "vitals:record", "Record vital signs."
    NOTES_READ = "notes:read", "Read nursing notes."
    NOTES_RECORD = "notes:record", "Write nursing notes."
    PRESCRIPTIONS_READ = "prescriptions:read", "Read prescriptions and what was dispensed."
    PRESCRIPTIONS_WRITE = "prescriptions:write", "Prescribe."
    PRESCRIPTIONS_STOP = "prescriptions:stop", "Stop a prescribed drug."
    PRESCRIPTIONS_HOLD = "prescriptions:hold", "Hold a prescribed drug until a question is settled, and release it."
    PRESCRIPTIONS_DISPENSE = "prescriptions:dispense", "Dispense."
    DRUGS_READ = "drugs:read", "See the list of drugs."
    DRUGS_EDIT = "drugs:edit", "Add, change and retire drugs."
    STAFF_READ = "staff:read", "See who works here, and what each role may do."
    STAFF_EDIT = "staff:edit", "Add, change and deactivate staff, and end their sessions."
    AUDIT_READ = "audit:read", "Read the audit: who did what, and who opened whose chart."
    API_READ = "api:read", "Read how this server is programmed, in production."
    ENQUIRIES_HANDLE = "enquiries:handle", "Read what visitors of the public pages sent, and mark it handled."
    SYSTEM_READ = "system:read", "See how the server, its database and its audit are doing."
    IMPORT = "history:import", "Bring in history from elsewhere."


P = Permission

_IDENTITY = {P.SIGNED_IN, P.PATIENTS_LIST, P.PATIENTS_READ}
_CLINICAL = _IDENTITY | {
    P.PATIENTS_CONTACT,
    P.PATIENTS_PHONE,
    P.PATIENTS_REGISTER,
    P.ASSERTIONS_READ,
    P.ASSERTIONS_RECORD,
    P.VISITS_READ,
    P.VISITS_MOVE,
    P.CONSULTATIONS_READ,
    P.CONSULTATIONS_SUMMARY,
    P.VITALS_READ,
    P.VITALS_RECORD,
    P.NOTES_READ,
    P.PRESCRIPTIONS_READ,
    P.DRUGS_READ,
}

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset(
        {
            P.SIGNED_IN,
            P.PATIENTS_LIST,
            P.DRUGS_READ,
            P.STAFF_READ,
            P.STAFF_EDIT,
            P.AUDIT_READ,
            P.API_READ,
            P.IMPORT,
            P.ENQUIRIES_HANDLE,
            P.SYSTEM_READ,
        }
    ),
    Role.DOCTOR: frozenset(_CLINICAL | {P.CONSULTATIONS_RECORD, P.PRESCRIPTIONS_WRITE, P.PRESCRIPTIONS_STOP}),
    Role.NURSE: frozenset(_CLINICAL | {P.NOTES_RECORD}),
    Role.PHARMACIST: frozenset(
        _IDENTITY
        | {
            P.PATIENTS_PHONE,
            P.ASSERTIONS_READ,
            P.VISITS_READ,
            P.VISITS_MOVE,
            P.CONSULTATIONS_SUMMARY,
            P.VITALS_READ,
            P.PRESCRIPTIONS_READ,
            P.PRESCRIPTIONS_HOLD,
            P.PRESCRIPTIONS_DISPENSE,
            P.DRUGS_READ,
            P.DRUGS_EDIT,
        }
    ),
    Role.RECORD_OFFICER: frozenset(
        _IDENTITY
        | {
            P.PATIENTS_CONTACT,
            P.PATIENTS_PHONE,
            P.PATIENTS_REGISTER,
            P.PATIENTS_EDIT,
            P.PATIENTS_DELETE,
            P.VISITS_READ,
            P.VISITS_CHECK_IN,
            P.VISITS_MOVE,
        }
    ),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is acting: a member of staff, through one door, in one session."""

    staff_id: uuid.UUID
    staff_number: str
    name: str
    role: Role
    address: str = ""
    request_id: str = ""
    session_id: uuid.UUID | None = None

    @property
    def permissions(self) -> frozenset[Permission]:
        """All this person may do."""
        return GRANTS[self.role]

    def may(self, permission: Permission) -> bool:
        """Whether this person may do it."""
        return permission in self.permissions


def require(actor: Actor | None, *needs: Permission) -> Actor:
    """The actor, if they hold any of `needs`. Raises `NotSignedIn` or `NotPermitted`."""
    if actor is None:
        raise NotSignedIn("sign in first")
    if not any(actor.may(permission) for permission in needs):
        role = actor.role.replace("_", " ")
        raise NotPermitted(f"not allowed in the role of {role} ({' or '.join(needs)})")
    return actor
