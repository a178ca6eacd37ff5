"""Furnishing an empty hospital, all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select

from hmis.consultations import codes
from hmis.consultations.models import DiagnosisCode
from hmis.core import clock, history
from hmis.core.db import HospitalSession
from hmis.core.errors import Conflict
from hmis.core.store import Store
from hmis.demo import diary, medicines, persons
from hmis.demo.colleagues import USERS, hire
from hmis.demo.past import Past, first_days
from hmis.demo.today import FEWEST, MOST, Today, who_comes
from hmis.formulary import service as formulary
from hmis.formulary.models import Drug
from hmis.patients.models import Patient
from hmis.staff import passwords

Progress = Callable[[int, int, str], Any]
"""Hears how far it is: done, of how many, of what."""


@dataclass
class Furnished:
    """What was put into the hospital."""

    counts: dict[str, int] = field(default_factory=dict)

    def summary(self) -> str:
        """One line for the terminal."""
        if not self.counts:
            return "there are patients already; nothing was added"
        told = ", ".join(f"{count:,} {what}" for what, count in self.counts.items())
        return f"furnished: {told}; sign in as {', '.join(USERS)} with the password {passwords.DEMO_PASSWORD}"


def _silently(done: int, of: int, what: str) -> None:
    """Nobody looks."""


def furnish(
    store: Store,
    patients: int = 500,
    seed: int = 2026,
    if_empty: bool = False,
    progress: Progress = _silently,
    today: date | None = None,
) -> Furnished:
    """Staff, drugs, patients, three months of visits, and a day half done.

    The same `seed` and day give the same people, illnesses and numbers; keys differ. `today` is the day the past
    leads up to; the half-done day itself is always now, by the server's clock. All of it comes in one transaction.
    Raises `Conflict` where there is a patient, or somebody on the staff uses one of the names; with `if_empty`
    nothing is done where there is a patient.
    """
    if _inhabited(store):
        if if_empty:
            return Furnished()
        raise Conflict("there are patients here already; demo data goes into an empty hospital")
    today = today or store.settings.day_of(clock.now())
    zone = ZoneInfo(store.settings.time_zone)
    people = list(persons.arriving(Random(f"{seed} people"), patients, today))
    encounters = diary.kept(Random(f"{seed} diary"), people, today, zone)
    memory = store.settings.password_memory_kib
    hashes = {username: passwords.hashed(passwords.DEMO_PASSWORD, memory) for username in USERS}  # before any lock
    with store.session() as session:
        if not session.scalar(select(exists(select(DiagnosisCode.code)))):
            codes.load_codes(session)
        colleagues = hire(session, hashes)
        session.actor = colleagues.acting["pharmacist"]
        drugs = _stock(session)
        session.actor = colleagues.acting["admin"]
        here: dict[int, Patient] = {}
        batch = history.open_batch(session, f"hmis demo, seed {seed}")
        with history.importing(session, batch.id):
            past = Past(session, Random(f"{seed} past"), colleagues, drugs, zone)
            first = first_days(encounters)
            for number, person in enumerate(people, start=1):
                here[id(person)] = past.register(person)
                past.hold_true(person, here[id(person)], first.get(id(person), today - timedelta(days=1)), today)
                progress(number, len(people), "patients")
            done = 0
            for some in past.tell(encounters, here):
                done += some
                progress(done, len(encounters), "visits")
        history.close_batch(session, batch.id)
        morning = Random(f"{seed} today")
        coming = who_comes(morning, people, encounters, min(MOST, max(FEWEST, patients // 8)))
        came = Today(session, morning, colleagues.acting, drugs).begin([(p, here[id(p)]) for p in coming])
        session.commit()
    return Furnished({"patients": len(people) + 3, "drugs": len(drugs), "visits": len(encounters) + came})


def _inhabited(store: Store) -> bool:
    with store.session(writes=False) as session:
        return bool(session.scalar(select(exists(select(Patient.id)))))


def _stock(session: HospitalSession) -> dict[str, Drug]:
    """The formulary, by the name a prescriber says."""
    drugs = (formulary.add(session, body) for body in medicines.kept())
    return {drug.name: drug for drug in drugs}
