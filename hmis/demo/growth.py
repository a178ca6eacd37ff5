"""How tall and heavy people are at an age: the median child of the WHO, and adults as they come here.

Sources: WHO Child Growth Standards 2006 (birth to 5 years) and WHO Growth Reference 2007 (to 19 years), medians.
Adult heights and weights are this project's own estimate for Nigeria.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from hmis.people.models import Sex

_MONTHS = (0, 1, 2, 3, 4, 6, 9, 12, 18, 24, 36, 48, 60, 72, 84, 96, 108, 120, 132, 144, 156, 168, 180, 192, 204, 216)
_KG = {
    Sex.MALE: (
        *(3.3, 4.5, 5.6, 6.4, 7.0, 7.9, 8.9, 9.6, 10.9, 12.1, 14.3, 16.3, 18.3, 20.5, 22.9, 25.4, 28.1, 31.2),
        *(34.6, 38.9, 44.3, 50.6, 56.6, 61.3, 64.8, 67.3),
    ),
    Sex.FEMALE: (
        *(3.2, 4.2, 5.1, 5.8, 6.4, 7.3, 8.2, 8.9, 10.2, 11.5, 13.9, 16.1, 18.2, 20.2, 22.4, 25.0, 28.2, 31.9),
        *(36.2, 41.1, 46.0, 50.1, 52.8, 54.7, 55.7, 56.7),
    ),
}
"""kg; from 11 years the median body mass index at the median height."""
_CM = {
    Sex.MALE: (
        *(49.9, 54.7, 58.4, 61.4, 63.9, 67.6, 72.0, 75.7, 82.3, 87.8, 96.1, 103.3, 110.0, 116.0, 121.7, 127.3, 132.6),
        *(137.8, 143.1, 149.1, 156.0, 163.2, 169.0, 172.9, 175.2, 176.1),
    ),
    Sex.FEMALE: (
        *(49.1, 53.6, 57.1, 59.8, 62.1, 65.8, 70.1, 74.0, 80.7, 86.4, 95.1, 102.7, 109.4, 115.1, 120.8, 126.6, 132.5),
        *(138.6, 145.0, 151.2, 156.4, 159.8, 161.7, 162.5, 162.9, 163.1),
    ),
}
GROWN_MONTHS = _MONTHS[-1]
"""From here on a person has the height and build of an adult."""


def median_kg(sex: Sex, months: float) -> float:
    """Weight of the median child, kg."""
    return _between(_MONTHS, _KG[sex], months)


def median_cm(sex: Sex, months: float) -> float:
    """Height of the median child, cm; lying until the age of 2."""
    return _between(_MONTHS, _CM[sex], months)


def grown(sex: Sex, tall: float, stout: float) -> tuple[float, float]:
    """Height in cm and body mass index of an adult who is so many standard deviations from the middle."""
    middle, apart = (171.0, 6.5) if sex is Sex.MALE else (160.0, 6.0)
    bmi = (23.3 if sex is Sex.MALE else 25.0) + 3.4 * stout
    return middle + apart * tall, max(17.0, min(41.0, bmi))


def _between(at: Sequence[float], values: Sequence[float], x: float) -> float:
    upper = min(max(bisect_right(at, x), 1), len(at) - 1)
    part = (x - at[upper - 1]) / (at[upper] - at[upper - 1])
    return values[upper - 1] + min(max(part, 0.0), 1.0) * (values[upper] - values[upper - 1])
