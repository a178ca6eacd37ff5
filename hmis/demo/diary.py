"""Who came when and with what: three months of a hospital, thought out before anything is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from math import exp
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from hmis.demo import bedside
from hmis.demo.orders import Body, Order
from hmis.demo.persons import Condition, Person
from hmis.demo.pictures import CHILDREN, EMERGENCY, OUTPATIENTS, Course, Picture, courses, likely

DAYS = 91
"""How far back it goes."""
_ACUTE = 0.85
"""Illnesses of one person in that time, on the average."""
_WEEK = (1.35, 1.1, 1.1, 1.0, 0.95, 0.35, 0.1)
"""How busy each day is, from Monday."""
_GOES_AWAY = 0.02
_NOT_YET = datetime.max.replace(tzinfo=UTC)
_CHILD = 15
_SUNDAY = 6
_APART = timedelta(days=9)
"""Between two illnesses of one person."""
_SAID = (
    "no one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()  # noqa: SIM905
)


@dataclass
class Encounter:
    """One coming in of one person, from the gate to the pharmacy."""

    person: Person
    on: date
    picture: Picture
    visit: int
    """How often they came for this before."""
    clinic: str
    beside: tuple[Course, ...] = ()
    """What else they live with and is seen to at the same visit."""
    ticket: int = 0
    arrived_at: datetime = _NOT_YET
    measured: dict[str, Any] = field(default_factory=dict)
    measured_at: datetime = _NOT_YET
    seen_at: datetime = _NOT_YET
    done_at: datetime = _NOT_YET
    went_away: bool = False
    """Before the doctor saw them."""
    orders: list[Order] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    follow_up_on: date | None = None
    handed_out: float = 1.0
    """Part of each ordered quantity that the pharmacy had."""

    @property
    def title(self) -> tuple[str, str]:
        """The main diagnosis and its code."""
        if self.picture.in_pregnancy and self.person.weeks_pregnant(self.on) is not None:
            return self.picture.in_pregnancy
        return self.picture.title, self.picture.code

    @property
    def titles(self) -> list[tuple[str, str]]:
        """All diagnoses and their codes, the main one first."""
        return [self.title, *self.picture.also, *((course.title, course.code) for course in self.beside)]

    @property
    def reason(self) -> str | None:
        """What was said at the window, where a waiting room may hear it."""
        if isinstance(self.picture, Course) or self.visit > 0:
            return "Appointment"
        return None if self.picture.private else self.texts["presenting_complaint"]


def kept(random: Random, people: list[Person], today: date, zone: ZoneInfo) -> list[Encounter]:
    """Everything that happened before today, in the order of the days."""
    began = today - timedelta(days=DAYS)
    encounters = sorted(
        (e for person in people for e in _of(random, person, began, today)), key=lambda e: (e.on, e.clinic)
    )
    by_day: dict[tuple[date, str], list[Encounter]] = defaultdict(list)
    for encounter in encounters:
        by_day[encounter.on, encounter.clinic].append(encounter)
    for (on, _), there in by_day.items():
        random.shuffle(there)
        for ticket, encounter in enumerate(there, start=1):
            _timed(random, encounter, on, ticket, zone)
    _let_some_die(people, encounters, today)
    told = sorted(encounters, key=lambda e: (e.arrived_at, e.clinic, e.ticket))
    for encounter in told:
        elaborate(random, encounter)
    return told


def _of(random: Random, person: Person, began: date, today: date) -> Iterator[Encounter]:
    """All of one person's comings before today; nobody is registered who never came."""
    there: set[date] = set()
    for course, *beside in _by_clinic(person):
        first = began + timedelta(days=random.randrange(course.every))
        if course.condition is Condition.PREGNANCY and person.conceived_on is not None:
            first = max(first, person.conceived_on + timedelta(weeks=random.randint(10, 18)))
        # Most were treated here before; for some it is found in these months.
        before = 0 if random.random() < 0.45 else random.randint(1, 5)
        start = first - timedelta(days=before * course.every)
        person.treated_from = min(person.treated_from or start, start)
        for number, on in enumerate(_every(random, first, course.every, today)):
            if on not in there:
                there.add(on)
                yield _encounter(person, on, course, before + number, tuple(beside))
    had: dict[Picture, date] = {}
    for _ in range(_how_many(random)):
        on = _working_day(random, began, today)
        picture = _acute(random, person, on)
        if picture is not None and not any(abs(on - day) < _APART for day in (*there, *had.values())):
            had[picture] = on
            there.add(on)
            yield _encounter(person, on, picture, 0)
            yield from _again(random, person, on, picture, there, today)
    if not there:
        on = _working_day(random, max(began, person.born_on + timedelta(days=1)), today)
        if (picture := _acute(random, person, on)) is not None:
            yield _encounter(person, on, picture, 0)


def _by_clinic(person: Person) -> list[list[Course]]:
    """What somebody lives with, together where one clinic sees to it."""
    groups: dict[str | None, list[Course]] = defaultdict(list)
    for course in courses(person):
        groups[course.clinic].append(course)
    return list(groups.values())


def _let_some_die(people: list[Person], encounters: list[Encounter], today: date) -> None:
    """One in 150, of the oldest, some days after they were last here."""
    last = {id(e.person): e for e in encounters}
    old = sorted((p for p in people if id(p) in last and not p.named), key=lambda p: p.born_on)
    gone = (p for p in old if today - last[id(p)].on > timedelta(days=14))
    for person in islice(gone, len(people) // 150):
        person.died_at = last[id(person)].seen_at + timedelta(days=6, hours=9, minutes=25)


def _again(
    random: Random, person: Person, on: date, picture: Picture, there: set[date], today: date
) -> Iterator[Encounter]:
    """The review, where one was agreed and kept."""
    if picture.review is None or random.random() < 0.35:
        return
    back = _open_day(on + timedelta(days=random.randint(*picture.review)))
    if back < today and back not in there:
        there.add(back)
        yield _encounter(person, back, picture, 1)


def _every(random: Random, first: date, days: int, today: date) -> Iterator[date]:
    on = _open_day(first)
    while on < today:
        yield on
        on = _open_day(on + timedelta(days=days + random.randint(-2, 3)))


def _encounter(person: Person, on: date, picture: Picture, visit: int, beside: tuple[Course, ...] = ()) -> Encounter:
    clinic = EMERGENCY if on.weekday() == _SUNDAY else clinic_of(person, on, picture)
    return Encounter(person, on, picture, visit, clinic, beside)


def clinic_of(person: Person, on: date, picture: Picture) -> str:
    """Where somebody with this is seen."""
    return picture.clinic or (CHILDREN if person.years(on) < _CHILD else OUTPATIENTS)


def _acute(random: Random, person: Person, on: date) -> Picture | None:
    if on <= person.born_on:
        return None
    found = likely(person, on)
    return random.choices(list(found), list(found.values()))[0] if found else None


def _how_many(random: Random) -> int:
    """A Poisson number."""
    number, product, limit = 0, random.random(), exp(-_ACUTE)
    while product > limit:
        number, product = number + 1, product * random.random()
    return min(number, 4)


def _working_day(random: Random, began: date, today: date) -> date:
    days = [began + timedelta(days=n) for n in range((today - began).days)]
    return random.choices(days, [_WEEK[day.weekday()] for day in days])[0]


def _open_day(on: date) -> date:
    """Clinics by appointment are not held on Saturdays and Sundays."""
    return on + timedelta(days=7 - on.weekday()) if on.weekday() >= 5 else on


def _timed(random: Random, encounter: Encounter, on: date, ticket: int, zone: ZoneInfo) -> None:
    """From the gate to the pharmacy, by the clock on the wall."""
    first = datetime.combine(on, time(7, 40), zone) + timedelta(minutes=random.randint(0, 20))
    encounter.ticket = ticket
    encounter.arrived_at = first + timedelta(minutes=min(6 * ticket, 400), seconds=random.randrange(60))
    encounter.measured_at = encounter.arrived_at + timedelta(minutes=random.randint(6, 40))
    encounter.seen_at = encounter.measured_at + timedelta(minutes=random.randint(10, 95))
    encounter.done_at = encounter.seen_at + timedelta(minutes=random.randint(15, 70))
    encounter.went_away = encounter.clinic != EMERGENCY and random.random() < _GOES_AWAY


def elaborate(random: Random, encounter: Encounter) -> None:
    """Fill in what was measured, written and ordered."""
    person, on, picture = encounter.person, encounter.on, encounter.picture
    course = picture if isinstance(picture, Course) else None
    better = 1.0 if encounter.visit == 0 else 0.25
    encounter.measured = bedside.measure(random, person, on, picture, better)
    encounter.texts = _course_texts(random, encounter, course) if course else _texts(random, encounter)
    encounter.texts |= _background(person, on)
    if course or encounter.visit == 0:
        body = body_of(encounter)
        lines = (line for p in (picture, *encounter.beside) for line in p.orders(body, encounter.visit))
        encounter.orders = list({line.drug: line for line in lines}.values())
        if picture.review:
            encounter.follow_up_on = _open_day(on + timedelta(days=picture.review[0]))
    encounter.handed_out = random.choices((1.0, 0.5, 0.0), (88, 7, 5))[0]


def body_of(encounter: Encounter) -> Body:
    """What decides the doses: the weight as it was measured."""
    person, on = encounter.person, encounter.on
    spare = {Condition.HYPERTENSION, Condition.HEART_FAILURE, Condition.PEPTIC_ULCER, Condition.ASTHMA}
    return Body(
        years=person.years(on),
        months=person.months(on),
        kg=float(encounter.measured["weight_kg"]),
        female=person.sex == "female",
        weeks_pregnant=person.weeks_pregnant(on),
        penicillin_allergy=Condition.PENICILLIN_ALLERGY in person.conditions,
        spare_nsaids=bool(person.conditions & spare) or person.years(on) >= 65,
    )


def _texts(random: Random, encounter: Encounter) -> dict[str, str]:
    picture = encounter.picture
    if encounter.visit > 0:
        return {
            "presenting_complaint": f"Review after treatment: {encounter.title[0].lower()}",
            "history_of_presenting_complaint": _teller(encounter) + "Better since the treatment, eats and sleeps well.",
            "examination": "Looks well, much improved. No new finding.",
            "plan": "Course to be completed. Come back if it returns.",
        }
    way = random.randrange(12)  # what is told first goes with what is found first
    lasting = lasted(random.randint(*picture.days))
    return {
        "presenting_complaint": _one(picture.complaint, random.randrange(12)).format(days=lasting),
        "history_of_presenting_complaint": _teller(encounter) + _one(picture.history, way),
        "examination": _one(picture.findings, way),
        "plan": _one(picture.plan, way),
    }


def _course_texts(random: Random, encounter: Encounter, course: Course) -> dict[str, str]:
    later, way = encounter.visit > 0, random.randrange(12)
    known = {
        "days": lasted(random.randint(*course.days)),
        "weeks": str(encounter.person.weeks_pregnant(encounter.on) or ""),
    }
    found = course.findings[-1] if later else course.findings[0]
    plans = [(c.later if later else c.plan)[0] for c in (course, *encounter.beside)]
    return {
        "presenting_complaint": _one(course.again if later else course.complaint, way).format(**known),
        "history_of_presenting_complaint": _teller(encounter) + _one(course.since if later else course.history, way),
        "examination": found.format(**known),
        "plan": " ".join(plans),
    }


def _one(texts: tuple[str, ...], way: int) -> str:
    return texts[way % len(texts)]


def _teller(encounter: Encounter) -> str:
    years = encounter.person.years(encounter.on)
    return f"Told by the {encounter.person.kin[1]}. " if years < 10 else ""


def _background(person: Person, on: date) -> dict[str, str]:
    """What every doctor writes down again."""
    texts = {}
    known = sorted(c.value for c in person.conditions - {Condition.PREGNANCY, Condition.PENICILLIN_ALLERGY})
    if known and person.treated_from is not None and person.treated_from < on:
        texts["past_medical_history"] = f"Known {', '.join(known)}."
    if Condition.PENICILLIN_ALLERGY in person.conditions:
        texts["drug_history"] = (
            "Severe penicillin allergy: swelling of the face and collapse after an injection in 2014."
        )
    if person.years(on) >= 18 and person.occupation:
        texts["social_history"] = f"{person.occupation.capitalize()}. Does not smoke."
    return texts


def lasted(days: int) -> str:
    """How long, as a patient says it: three days, two weeks, four months."""
    if days < 14:
        number, unit = days, "day"
    elif days < 60:
        number, unit = round(days / 7), "week"
    else:
        number, unit = round(days / 30), "month"
    return f"{_SAID[number]} {unit}{'' if number == 1 else 's'}"
