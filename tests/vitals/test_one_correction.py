"""One correction is one version, whatever was asked on the way."""

from __future__ import annotations

from typing import Any

from tests.conftest import Person, Time


def test_correcting_a_weight_leaves_one_version(nurse: Person, patient: dict[str, Any], time: Time) -> None:
    taken = f"/patients/{patient['id']}/vitals"
    one = f"{taken}/{nurse.post(taken, {'weight_kg': 60}).json['id']}"
    time.passes(minutes=1)
    assert nurse.put(one, {"weight_kg": 62, "pulse_per_min": 80}).json["version"] == 2
    assert len(nurse.get(f"{one}/versions").json["items"]) == 1
