"""Which way a patient goes through the day."""

from __future__ import annotations

from hmis.visits.models import VisitState

V = VisitState

FORWARD: dict[VisitState, frozenset[VisitState]] = {
    V.ARRIVED: frozenset({V.TRIAGE, V.WAITING, V.WITH_DOCTOR, V.PHARMACY, V.DONE, V.LEFT}),
    V.TRIAGE: frozenset({V.WAITING, V.WITH_DOCTOR, V.PHARMACY, V.DONE, V.LEFT}),
    V.WAITING: frozenset({V.WITH_DOCTOR, V.PHARMACY, V.DONE, V.LEFT}),
    V.WITH_DOCTOR: frozenset({V.PHARMACY, V.DONE, V.LEFT}),
    V.PHARMACY: frozenset({V.DONE, V.LEFT}),
    V.DONE: frozenset(),
    V.LEFT: frozenset(),
}
"""Where they may go on to, steps left out included. Any other way is a step back and is said to be one."""

SAID: dict[VisitState, str] = {
    V.ARRIVED: "arrived",
    V.TRIAGE: "at triage",
    V.WAITING: "waiting",
    V.WITH_DOCTOR: "with the doctor",
    V.PHARMACY: "at the pharmacy",
    V.DONE: "done",
    V.LEFT: "gone",
}
"""A state as one says it of a patient."""
