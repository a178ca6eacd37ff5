"""What a nurse would measure: normal for the age, and what an illness does to it.

Normal ranges of children: pulse and respirations as the Advanced Paediatric Life Support manual (2016) has them.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

from hmis.demo.persons import Condition, Person
from hmis.demo.pictures import Picture, Shows
from hmis.people.models import Sex
from hmis.vitals.models import Consciousness

_MONTHS = (0, 3, 12, 24, 60, 96, 144, 192)
_PULSE = (142, 130, 118, 106, 96, 88, 80, 76)  # /min
_RESPIRATIONS = (42, 36, 30, 25, 22, 20, 18, 16)  # /min
_PULSE_PER_DEGREE = 9  # /min more for each °C of fever
_BREATHS_PER_DEGREE = 1.6
CUFF = 36  # months; younger children's blood pressure is not measured here
TAPE = (6, 60)  # months, in which the arm is measured


def measure(random: Random, person: Person, on: date, picture: Picture, ease: float = 1.0) -> dict[str, Any]:
    """One set of vital signs, by column. `ease` below 1: the illness shows less, as at a later visit."""
    months, years = person.months(on), person.years(on)
    shows = picture.shows
    fever = random.uniform(*shows.temperature) * ease
    band = bisect_right(_MONTHS, months) - 1
    pulse = random.gauss(_PULSE[band], 5) + fever * _PULSE_PER_DEGREE + _shift(random, shows.pulse, ease)
    breaths = (
        random.gauss(_RESPIRATIONS[band], 1.2) + fever * _BREATHS_PER_DEGREE + _shift(random, shows.respirations, ease)
    )
    if Condition.PREGNANCY in person.conditions:
        pulse += 8
    saturation = round(random.choice((97, 98, 98, 98, 99, 99)) + _shift(random, shows.spo2, ease))
    taken: dict[str, Any] = {
        "temperature_celsius": _tenth(random.gauss(36.7, 0.2) + fever),
        "pulse_per_min": round(pulse),
        "respirations_per_min": max(10, round(breaths)),
        "spo2_percent": min(100, saturation),
        "oxygen": False,
        "consciousness": Consciousness.VOICE if picture.drowsy and ease == 1.0 else Consciousness.ALERT,
        "weight_kg": _tenth(person.weight_kg(on) + random.uniform(-0.3, 0.3) * min(1.0, months / 60)),
    }
    if months >= CUFF:
        taken |= _pressure(random, person, on, shows, ease)
    if years >= 5:
        worst = random.randint(*shows.pain) if shows.pain != (0, 0) else 0
        taken["pain_0_10"] = round(worst * ease)
    if months < 60 or random.random() < 0.5:
        taken["height_cm"] = _tenth(person.height_cm(on))
    if TAPE[0] <= months < TAPE[1]:
        taken["muac_mm"] = round(random.gauss(147, 5) + 6 * person.stout)
    if picture.glucose or Condition.DIABETES in person.conditions:
        taken["glucose_mmol_per_l"] = _tenth(person.fasting_glucose(on) + random.gauss(0, 0.3))
    return taken


def _pressure(random: Random, person: Person, on: date, shows: Shows, ease: float) -> dict[str, int]:
    years = person.years(on)
    if years < 16:
        systolic, diastolic = 88 + 1.8 * years, 54 + 1.1 * years
    else:
        systolic = 119 + 0.25 * max(0, years - 30) - (4 if person.sex is Sex.FEMALE else 0)
        diastolic = 75 + 0.08 * max(0, min(years, 60) - 30)
    if Condition.PREGNANCY in person.conditions:
        systolic, diastolic = systolic - 6, diastolic - 6
    above = person.systolic_above(on)
    systolic += above + random.gauss(0, 3.5) + _shift(random, shows.systolic, ease)
    diastolic += 0.5 * above + random.gauss(0, 2.5) + 0.4 * _shift(random, shows.systolic, ease)
    return {"systolic_mmhg": round(systolic), "diastolic_mmhg": round(min(diastolic, systolic - 18))}


def _shift(random: Random, between: tuple[int, int], ease: float) -> float:
    return random.uniform(*between) * ease


def _tenth(number: float) -> Decimal:
    return Decimal(str(round(number, 1)))
