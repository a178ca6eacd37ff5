"""The people who come to this hospital: who they are, what they live with, and how they are built. Nobody exists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import exp
from random import Random

from hmis.demo import growth, peoples
from hmis.demo.peoples import NEIGHBOURHOOD, PEOPLES, People
from hmis.patients.models import BirthPrecision
from hmis.people.models import Sex

PREGNANCY = timedelta(days=280)
_MOBILE = (
    "703",
    "706",
    "802",
    "803",
    "805",
    "806",
    "807",
    "808",
    "810",
    "813",
    "814",
    "816",
    "817",
    "818",
    "903",
    "906",
)
_STREETS = (
    *("Market Road", "Mission Street", "Hospital Road", "School Road", "Church Street", "Mosque Road", "Palace Road"),
    *("Old Kaduna Road", "Lokoja Road", "Secretariat Road", "Railway Quarters", "Federal Housing Estate"),
    *("Water Board Street", "Post Office Road", "Kasuwa Street", "Phase 2 Layout", "Angwan Dodo", "Tipper Garage"),
)
_TRADES = {
    Sex.FEMALE: (
        *("trader", "trader", "trader", "farmer", "farmer", "teacher", "civil servant", "tailor", "hairdresser"),
        *("housewife", "housewife", "caterer", "nurse", "cleaner", "shop assistant", "accountant"),
    ),
    Sex.MALE: (
        *("farmer", "farmer", "farmer", "trader", "trader", "civil servant", "teacher", "driver", "mechanic"),
        *("bricklayer", "motorcycle rider", "carpenter", "welder", "security guard", "electrician", "police officer"),
        *("tailor", "butcher", "accountant"),
    ),
}
# Blood groups of Nigerian blood donors and hospital patients, about; haemoglobin genotypes, of adults.
_BLOOD = {"O+": 500, "A+": 215, "B+": 200, "AB+": 32, "O-": 28, "A-": 12, "B-": 11, "AB-": 2}
_GENOTYPE = {"AA": 735, "AS": 228, "SS": 20, "AC": 12, "SC": 5}
# Of a hundred who come: years of age from, to, and how many. Children, women of child-bearing age, the elderly.
_AGES = ((0, 1, 7), (1, 5, 11), (5, 15, 13), (15, 25, 14), (25, 40, 25), (40, 55, 14), (55, 70, 11), (70, 90, 5))


class Condition(StrEnum):
    """What somebody lives with."""

    HYPERTENSION = "hypertension"
    DIABETES = "type 2 diabetes"
    ASTHMA = "asthma"
    SICKLE_CELL = "sickle cell disease"
    HIV = "HIV infection"
    TUBERCULOSIS = "tuberculosis"
    EPILEPSY = "epilepsy"
    ARTHROSIS = "osteoarthritis of the knees"
    GLAUCOMA = "glaucoma"
    HEART_FAILURE = "heart failure"
    PEPTIC_ULCER = "peptic ulcer disease"
    PREGNANCY = "pregnancy"
    PENICILLIN_ALLERGY = "severe penicillin allergy"


@dataclass
class Person:
    """Somebody who comes here."""

    people: People
    sex: Sex
    given: str
    family: str
    other: str | None
    religion: str
    born_on: date
    born_precision: BirthPrecision = BirthPrecision.DAY
    phone: str | None = None
    address: str = ""
    state: str = ""
    lga: str = ""
    occupation: str | None = None
    marital_status: str | None = None
    kin: tuple[str, str, str | None] = ("", "", None)
    """Name, relation and phone of whom to call."""
    blood_group: str | None = None
    genotype: str | None = None
    identifiers: tuple[tuple[str, str], ...] = ()
    conditions: set[Condition] = field(default_factory=set)
    conceived_on: date | None = None
    """First day of the last period, where there is a pregnancy."""
    tall: float = 0.0
    stout: float = 0.0
    """Standard deviations from the middle."""
    systolic_start: int = 0
    """mmHg above normal before treatment."""
    glucose_start: float = 5.2
    """Fasting, mmol/L, before treatment."""
    treated_from: date | None = None
    """When the hospital began to treat what they live with."""
    died_at: datetime | None = None
    named: str = ""
    """One of the few with a part of their own in the story."""

    def months(self, on: date) -> float:
        """Age in months."""
        return (on - self.born_on).days / 30.4375

    def years(self, on: date) -> int:
        """Age in completed years."""
        return on.year - self.born_on.year - ((on.month, on.day) < (self.born_on.month, self.born_on.day))

    def weeks_pregnant(self, on: date) -> int | None:
        """Completed weeks of pregnancy; None where there is none."""
        if self.conceived_on is None or not timedelta(0) <= on - self.conceived_on <= timedelta(days=294):
            return None
        return (on - self.conceived_on).days // 7

    def height_cm(self, on: date) -> float:
        """Height, to half a centimetre."""
        months = self.months(on)
        child = growth.median_cm(self.sex, months) * (1 + 0.035 * self.tall)
        return (
            round(2 * (child if months < growth.GROWN_MONTHS else growth.grown(self.sex, self.tall, self.stout)[0])) / 2
        )

    def weight_kg(self, on: date) -> float:
        """Weight, growing with the child and with the child to come."""
        months = self.months(on)
        if months < growth.GROWN_MONTHS:
            return round(growth.median_kg(self.sex, months) * (1 + 0.10 * self.stout + 0.04 * self.tall), 1)
        tall, bmi = growth.grown(self.sex, self.tall, self.stout)
        weeks = self.weeks_pregnant(on) or 0
        slimming = 0.15 * min(self._weeks_treated(on), 12) if Condition.DIABETES in self.conditions else 0.0
        return round(bmi * (tall / 100) ** 2 + 0.42 * max(0, weeks - 12) - slimming, 1)

    def systolic_above(self, on: date) -> float:
        """mmHg above what is normal at this age: it falls to near a quarter over weeks of treatment."""
        return self.systolic_start * (0.25 + 0.75 * exp(-self._weeks_treated(on) / 4))

    def fasting_glucose(self, on: date) -> float:
        """mmol/L, falling towards 6.8 over weeks of treatment where it was high."""
        if self.glucose_start <= 7:
            return self.glucose_start
        return 6.8 + (self.glucose_start - 6.8) * exp(-self._weeks_treated(on) / 5)

    def _weeks_treated(self, on: date) -> float:
        return 0.0 if self.treated_from is None else max(0, (on - self.treated_from).days) / 7


def arriving(random: Random, how_many: int, today: date) -> Iterator[Person]:
    """So many people, those with a part in the story first."""
    phones = _phones(random)
    story = [_dressed(random, person, phones, today) for person in _story(today)][:how_many]
    yield from story
    for _ in range(how_many - len(story)):
        yield _dressed(random, _anybody(random, today), phones, today)


def _story(today: date) -> list[Person]:
    """Those whom manuals, walk-throughs and acceptance tests name; the same whatever the seed."""
    hausa, yoruba = PEOPLES[0], PEOPLES[1]
    return [
        Person(
            *(yoruba, Sex.FEMALE, "Folasade", "Adeyemi", None, "Christianity", date(1981, 8, 14)),
            occupation="teacher",
            marital_status="married",
            blood_group="O+",
            genotype="AA",
            conditions={Condition.HYPERTENSION, Condition.PENICILLIN_ALLERGY},
            stout=0.9,
            systolic_start=38,
            named="Folasade",
        ),
        Person(
            *(yoruba, Sex.FEMALE, "Folake", "Adeyemi", None, "Christianity", date(1984, 3, 2)),
            occupation="trader",
            marital_status="married",
            blood_group="A+",
            genotype="AS",
            named="Folake",
        ),
        Person(
            *(hausa, Sex.MALE, "Ibrahim", "Musa", None, "Islam", _birthday(today, 67)),
            occupation="farmer",
            marital_status="married",
            blood_group="B+",
            genotype="AA",
            conditions={Condition.HYPERTENSION, Condition.HEART_FAILURE},
            systolic_start=30,
            named="Musa",
        ),
        Person(
            *(hausa, Sex.MALE, "Sani", "Bala", None, "Islam", _birthday(today, 8)),
            blood_group="O+",
            genotype="AS",
            named="Bala",
        ),
    ]


def _birthday(today: date, years: int) -> date:
    """A birth date 100 days past the last birthday, so that the age holds for a while."""
    then = today - timedelta(days=100)
    return date(then.year - years, then.month, min(then.day, 28))


def _anybody(random: Random, today: date) -> Person:
    people = random.choices(PEOPLES, [p.share for p in PEOPLES])[0]
    first, last, _ = random.choices(_AGES, [share for *_, share in _AGES])[0]
    born_on = today - timedelta(days=random.randint(int(first * 365.25) + 3, int(last * 365.25) - 1))
    years = (today - born_on).days // 365
    women = 66 if 15 <= years < 45 else 50
    sex = Sex.FEMALE if random.randrange(100) < women else Sex.MALE
    called = peoples.name(random, people, sex)
    person = Person(people, sex, called.given, called.family, called.other, called.religion, born_on)
    person.tall, person.stout = (max(-1.9, min(1.9, random.gauss(0, 0.8))) for _ in range(2))
    person.born_precision = _how_well_known(random, years)
    _live_with(random, person, today)
    return person


def _how_well_known(random: Random, years: int) -> BirthPrecision:
    if years < 15 or random.random() < (0.9 if years < 50 else 0.55):
        return BirthPrecision.DAY
    return random.choice((BirthPrecision.YEAR, BirthPrecision.ESTIMATED))


def _live_with(random: Random, person: Person, today: date) -> None:
    """What they live with, about as often as in Nigeria at that age."""
    years = person.years(today)
    person.blood_group = random.choices(list(_BLOOD), list(_BLOOD.values()))[0]
    person.genotype = random.choices(list(_GENOTYPE), list(_GENOTYPE.values()))[0]
    if person.genotype in ("SS", "SC"):
        person.conditions.add(Condition.SICKLE_CELL)
    for condition, first, last, percent in (
        (Condition.ASTHMA, 4, 60, 3.5),
        (Condition.HYPERTENSION, 35, 55, 22),
        (Condition.HYPERTENSION, 55, 120, 46),
        (Condition.DIABETES, 40, 120, 10),
        (Condition.HIV, 20, 55, 2.0),
        (Condition.TUBERCULOSIS, 18, 70, 1.0),
        (Condition.EPILEPSY, 6, 50, 1.0),
        (Condition.ARTHROSIS, 55, 120, 20),
        (Condition.GLAUCOMA, 45, 120, 7),
        (Condition.PEPTIC_ULCER, 20, 70, 4),
        (Condition.HEART_FAILURE, 62, 120, 5),
        (Condition.PENICILLIN_ALLERGY, 16, 90, 1),
    ):
        if first <= years < last and random.random() * 100 < percent:
            person.conditions.add(condition)
    if Condition.HEART_FAILURE in person.conditions:
        person.conditions.add(Condition.HYPERTENSION)
    if Condition.HYPERTENSION in person.conditions:
        person.systolic_start = random.randint(24, 52)
        person.stout = min(2.5, person.stout + 0.5)
    if Condition.DIABETES in person.conditions:
        person.glucose_start = round(random.uniform(9.5, 17.0), 1)
        person.stout = min(2.5, person.stout + 0.6)
    if person.sex is Sex.FEMALE and 18 <= years <= 41 and random.random() < 0.16:
        person.conditions.add(Condition.PREGNANCY)
        person.conceived_on = today - timedelta(days=random.randint(10 * 7, 38 * 7))
        person.conditions -= {Condition.HYPERTENSION, Condition.DIABETES}
        person.systolic_start, person.glucose_start = 0, 5.0


def _dressed(random: Random, person: Person, phones: Iterator[str], today: date) -> Person:
    """The rest of what is asked at the window."""
    years = person.years(today)
    person.phone = next(phones) if years >= 16 and random.random() < 0.93 else None
    if random.random() < 0.86:
        state, lga, towns = random.choice(NEIGHBOURHOOD)
        town = random.choice(towns)
    else:
        state, lga = random.choice(person.people.homes)
        town = lga
    person.state, person.lga = state, lga
    person.address = f"{random.randint(1, 96)} {random.choice(_STREETS)}, {town}"
    person.marital_status = person.marital_status or _marital(random, person, years)
    person.occupation = person.occupation or _occupation(random, person.sex, years)
    person.kin = _kin(random, person, years, next(phones))
    numbers = []
    if years >= 16 and random.random() < 0.35:
        numbers.append(("NIN", f"00{random.randrange(10**9):09d}"))
    if random.random() < 0.22:
        numbers.append(("NHIA", f"{random.randrange(10**8):08d}"))
    person.identifiers = tuple(numbers)
    return person


def _marital(random: Random, person: Person, years: int) -> str | None:
    if years < 18:
        return None
    if Condition.PREGNANCY in person.conditions:
        return "married" if random.random() < 0.92 else "single"
    if years < 26:
        return "married" if random.random() < (0.5 if person.sex is Sex.FEMALE else 0.15) else "single"
    if years > 55 and random.random() < (0.4 if person.sex is Sex.FEMALE else 0.1):
        return "widowed"
    return "married" if random.random() < 0.86 else random.choice(("single", "divorced"))


def _occupation(random: Random, sex: Sex, years: int) -> str | None:
    if years < 4:
        return None
    if years < 12:
        return "pupil"
    if years < 19:
        return "student"
    if years < 25 and random.random() < 0.6:
        return "student"
    if years >= 62 and random.random() < 0.5:
        railway = "retired railway worker" if sex is Sex.MALE else "trader"
        return random.choice(("retired teacher", "retired civil servant", railway, "farmer"))
    return random.choice(_TRADES[sex])


def _kin(random: Random, person: Person, years: int, phone: str) -> tuple[str, str, str | None]:
    """Whom to call: a child's parent, a husband or wife, else a brother, sister, son or daughter."""
    if years < 18:
        relation = "mother" if random.random() < 0.75 else "father"
    elif person.marital_status == "married":
        relation = "husband" if person.sex is Sex.FEMALE else "wife"
    elif years >= 50:
        relation = random.choice(("son", "daughter", "brother"))
    else:
        relation = random.choice(("mother", "father", "brother", "sister"))
    sex = Sex.FEMALE if relation in ("mother", "wife", "daughter", "sister") else Sex.MALE
    called = peoples.name(random, person.people, sex, family=person.family, religion=person.religion)
    return f"{called.given} {called.family}", relation, phone


def _phones(random: Random) -> Iterator[str]:
    """Mobile numbers, no two alike. All have 555 behind the prefix, so that they read as made up."""
    given: set[str] = set()
    while True:
        number = f"+234{random.choice(_MOBILE)}555{random.randrange(10_000):04d}"
        if number not in given:
            given.add(number)
            yield number
