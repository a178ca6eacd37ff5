"""Who works in the demo hospital: those who sign in, others on the staff list, and those who wrote its past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hmis.core.access import Actor
from hmis.core.db import HospitalSession
from hmis.people.models import Sex
from hmis.staff import service as staff
from hmis.staff.models import Admin, Doctor, Nurse, Pharmacist, RecordOfficer, Staff

USERS: dict[str, tuple[type[Staff], str, str, Sex, str | None]] = {
    "admin": (Admin, "Terver", "Iorfa", Sex.MALE, None),
    "doctor": (Doctor, "Ngozi", "Eze", Sex.FEMALE, "MDCN/R/00101"),
    "doctor2": (Doctor, "Babatunde", "Akinwale", Sex.MALE, "MDCN/R/00102"),
    "nurse": (Nurse, "Aisha", "Bello", Sex.FEMALE, "RN/00201"),
    "nurse2": (Nurse, "Osagie", "Idahosa", Sex.MALE, "RN/00202"),
    "pharmacist": (Pharmacist, "Emeka", "Obi", Sex.MALE, "PCN/00301"),
    "recordofficer": (RecordOfficer, "Kehinde", "Afolabi", Sex.FEMALE, None),
}
"""By user name: those who sign in, all with the password of the demo."""

_OTHERS: tuple[tuple[type[Staff], str, str, Sex], ...] = (
    (Doctor, "Halima", "Shehu", Sex.FEMALE),
    (Doctor, "Ifeanyi", "Nwosu", Sex.MALE),
    (Doctor, "Dooshima", "Ayua", Sex.FEMALE),
    (Nurse, "Comfort", "Omoruyi", Sex.FEMALE),
    (Nurse, "Jummai", "Gimba", Sex.FEMALE),
    (Nurse, "Ojonugwa", "Achimugu", Sex.MALE),
    (Nurse, "Funmilayo", "Adeleke", Sex.FEMALE),
    (Pharmacist, "Zainab", "Kolo", Sex.FEMALE),
    (RecordOfficer, "Haruna", "Danjuma", Sex.MALE),
)
_FORMER: tuple[tuple[type[Staff], str, str, Sex], ...] = (
    (Doctor, "Chukwuma", "Anyanwu", Sex.MALE),
    (Doctor, "Maryam", "Lawal", Sex.FEMALE),
    (Doctor, "Olumide", "Fashola", Sex.MALE),
    (Doctor, "Grace", "Agbo", Sex.FEMALE),
    (Nurse, "Patience", "Okeke", Sex.FEMALE),
    (Nurse, "Hadiza", "Garba", Sex.FEMALE),
    (Nurse, "Samuel", "Ogbeide", Sex.MALE),
    (Nurse, "Mngusuul", "Ugba", Sex.FEMALE),
    (Nurse, "Titilayo", "Ojo", Sex.FEMALE),
    (Pharmacist, "Lukman", "Salami", Sex.MALE),
    (Pharmacist, "Adaobi", "Umeh", Sex.FEMALE),
    (RecordOfficer, "Esther", "Dogara", Sex.FEMALE),
)


@dataclass(frozen=True)
class Colleagues:
    """The staff of the demo hospital."""

    acting: dict[str, Actor]
    """Those who sign in, by user name."""
    former: dict[type[Staff], list[Staff]]
    """Authors of the past: they sign in no longer, as the door of history asks."""


def hire(session: HospitalSession, hashes: Mapping[str, str]) -> Colleagues:
    """Put everybody on the staff list. `hashes`: what is stored of each user's password."""
    acting = {}
    for username, (kind, given, family, sex, licence) in USERS.items():
        person = staff.add(
            session,
            kind,
            username=username,
            given_name=given,
            family_name=family,
            sex=sex,
            email=f"{username}@hospital.example",
            licence_number=licence,
            password_hash=hashes[username],
            demo=True,
        )
        acting[username] = staff.actor_for(person)
    for kind, given, family, sex in _OTHERS:
        staff.add(session, kind, username=_login(given, family), given_name=given, family_name=family, sex=sex)
    former: dict[type[Staff], list[Staff]] = {}
    for kind, given, family, sex in _FORMER:
        gone = staff.add_inactive(
            session,
            kind,
            username=_login(given, family),
            given_name=given,
            family_name=family,
            sex=sex,
            deactivation_reason="worked here before the records came into this system",
        )
        former.setdefault(kind, []).append(gone)
    return Colleagues(acting, former)


def _login(given: str, family: str) -> str:
    return f"{given}.{family}".lower()
