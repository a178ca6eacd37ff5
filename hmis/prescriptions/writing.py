"""Writing lines: what was sent is set, what can be computed is computed, and what is odd is asked."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from hmis.consultations.models import Consultation
from hmis.core import clock
from hmis.core.db import HospitalSession
from hmis.core.errors import Implausible, Invalid
from hmis.formulary.models import Drug
from hmis.prescriptions import plausible, signature, supply
from hmis.prescriptions.doses import plural
from hmis.prescriptions.models import DrugPrescription, Prescription
from hmis.prescriptions.schemas import LineChange, SignatureIn, SignatureOut
from hmis.prescriptions.sentences import sentence
from hmis.prescriptions.signature import Ask, Signature

_COUNTED_FROM = frozenset({"drug_id", "dose", "dose_unit", "frequency", "max_in_24h", "duration_days"})
_TYPED = _COUNTED_FROM - {"drug_id"} | {"route", "as_needed", "as_needed_reason", "quantity", "instructions"}
_READ = frozenset(field.name for field in fields(Signature))

_LINES_LOOKED_AT = 50
"""Of earlier lines of the same medicines, the newest: what is still taken is among them."""


def blank() -> DrugPrescription:
    """A line on which nothing is written yet."""
    return DrugPrescription(acts=[], as_needed=False, confirmed=False)


def write(
    session: HospitalSession,
    prescription: Prescription,
    lines: Sequence[tuple[DrugPrescription, LineChange]],
    prefix: str = "",
) -> None:
    """Write on each line what was sent for it; new lines join the prescription.

    `prefix` names a line's fields in refusals, its number in the place of `{}`. Raises `Invalid` for what is missing
    or cannot be, `Implausible` for what is odd and not confirmed; all lines are told of at once.
    """
    drugs = _drugs(session, [body.drug_id for _, body in lines if body.drug_id is not None])
    taken = _taken_elsewhere(session, prescription, drugs.values())
    wrong: dict[str, str] = {}
    odd: dict[str, str] = {}
    with session.no_autoflush:
        for number, (line, body) in enumerate(lines):
            before = prefix.format(number)
            changed = _set(line, body, drugs)
            wrong |= {before + name: said for name, said in changed.wrong}
            if not wrong and not body.confirmed:
                questions = [*plausible.questions(line, changed.fields), *_doubled(session, prescription, line, taken)]
                odd |= {before + name: said for name, said in questions if name in changed.fields}
            line.confirmed = line.confirmed or body.confirmed
            if line not in prescription.lines:
                prescription.lines.append(line)
    if wrong:
        raise Invalid("; ".join(wrong.values()), fields=wrong)
    if odd:
        raise Implausible(f"{' '.join(odd.values())} If so, send it with `confirmed: true`.", fields=odd)


@dataclass
class _Changed:
    """Which fields of a line changed, computed ones too, and what is wrong with it now."""

    fields: set[str]
    wrong: list[tuple[str, str]] = field(default_factory=list)


def _set(line: DrugPrescription, body: LineChange, drugs: Mapping[uuid.UUID, Drug]) -> _Changed:
    new = line.drug_id is None
    by_hand = not new and line.quantity != _computed(line)
    sent = body.sent()
    sent.pop("confirmed", None)
    changed = _Changed({name for name, value in sent.items() if new or getattr(line, name) != value})
    if "drug_id" in sent:
        drug = drugs.get(sent["drug_id"])
        if drug is None or drug.retired_at is not None:
            changed.wrong.append(("drug_id", _no_drug(drug)))
            return changed
        line.drug = drug
    for name, value in sent.items():
        setattr(line, name, value)
    if new and line.route is None:
        line.route = line.drug.route
    if new or changed.fields & _COUNTED_FROM or "quantity" in changed.fields:
        _count(line, body, changed, by_hand)
    changed.wrong.extend(plausible.impossible(line))
    if not changed.wrong and line.quantity is None:
        changed.wrong.append(("quantity", _how_many(line)))
    return changed


def _count(line: DrugPrescription, body: LineChange, changed: _Changed, by_hand: bool) -> None:
    """Compute the quantity, unless it was given; one given by hand before is asked for anew, never kept in silence."""
    if body.quantity is not None:
        return
    if by_hand and "quantity" not in changed.fields:
        changed.wrong.append(("quantity", f"{line.quantity} was given by hand: give the quantity for this change too"))
        return
    line.quantity = _computed(line)
    changed.fields.add("quantity")


def _computed(line: DrugPrescription) -> int | None:
    return supply.quantity(
        line.drug,
        dose=line.dose,
        dose_unit=line.dose_unit,
        frequency=line.frequency,
        max_in_24h=line.max_in_24h,
        duration_days=line.duration_days,
    )


def _how_many(line: DrugPrescription) -> str:
    unit = plural(supply.supply_unit(line.drug) or "unit")
    return f"how many {unit} of {line.drug.name} are to be handed out? It cannot be computed from this dose"


def previewed(session: HospitalSession, body: SignatureIn) -> SignatureOut:
    """What was typed of a line, read and checked as it would be when it is written. Raises `Invalid`: no such drug.

    Nothing is stored, and nothing is known of the patient: what they take already is asked when the line is written.
    """
    drug = None
    if body.drug_id is not None:
        drug = session.get(Drug, body.drug_id)
        if drug is None or drug.retired_at is not None:
            raise Invalid(_no_drug(drug), fields={"drug_id": _no_drug(drug)})
    read = signature.read(
        body.text,
        weight_kg=body.weight_kg,
        drug_name=drug.generic_name if drug else None,
        drug_route=drug.route if drug else None,
    )
    line = _line(read, drug)
    asks = list(read.asks)
    doubts = []
    if drug is None:
        asks.insert(0, Ask("drug_id", "which_drug", [], sentence("which_drug")))
    elif not read.refusals:
        asked = {ask.field for ask in asks}
        # Where a dose is still to be settled, the rest of the line cannot be judged by it.
        asked |= {"dose", "max_in_24h"} if line.dose is None else set()
        asks += [Ask(name, "impossible", [], said) for name, said in plausible.impossible(line) if name not in asked]
        doubts = [said for _, said in plausible.questions(line, set(_COUNTED_FROM | {"dose", "quantity"}))]
    return SignatureOut(
        text=body.text,
        **{name: getattr(read, name) for name in _READ if name != "asks"},
        asks=asks,
        directions=signature.directions(read, line.route),
        supply=None if read.refusals else line.quantity,
        supply_unit=line.quantity_unit if drug else None,
        doubts=doubts,
    )


def _line(read: Signature, drug: Drug | None) -> DrugPrescription:
    """The line that was read, on no prescription."""
    line = blank()
    for name in _TYPED:
        setattr(line, name, getattr(read, name))
    if drug is not None:
        line.drug = drug
        line.route = line.route or drug.route
        line.quantity = line.quantity or _computed(line)
    return line


def _no_drug(drug: Drug | None) -> str:
    return "there is no such drug here" if drug is None else f"{drug.name} is retired; choose another"


def _drugs(session: HospitalSession, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Drug]:
    if not ids:
        return {}
    return {drug.id: drug for drug in session.scalars(select(Drug).where(Drug.id.in_(set(ids))))}


def _taken_elsewhere(
    session: HospitalSession, prescription: Prescription, drugs: Collection[Drug]
) -> list[DrugPrescription]:
    """Lines of the patient's other prescriptions with the same medicine, of any strength, that are still taken."""
    if not drugs:
        return []
    found = session.scalars(
        select(DrugPrescription)
        .join(DrugPrescription.prescription)
        .join(Prescription.consultation)
        .join(DrugPrescription.drug)
        .where(
            Prescription.patient_id == prescription.patient_id,
            Prescription.id != prescription.id,
            Prescription.standing(),
            DrugPrescription.removed_at.is_(None),
            func.lower(Drug.generic_name).in_({drug.generic_name.lower() for drug in drugs}),
        )
        .options(
            contains_eager(DrugPrescription.drug),
            contains_eager(DrugPrescription.prescription).options(
                contains_eager(Prescription.consultation).load_only(Consultation.occurred_at, raiseload=True),
                joinedload(Prescription.author),
                joinedload(Prescription.progress),
            ),
            selectinload(DrugPrescription.acts),
        )
        .order_by(DrugPrescription.id.desc())
        .limit(_LINES_LOOKED_AT)
    )
    return [line for line in found.unique() if line.taken_at(clock.now())]


def _doubled(
    session: HospitalSession, prescription: Prescription, line: DrugPrescription, taken: Sequence[DrugPrescription]
) -> Iterator[tuple[str, str]]:
    """The same medicine on this prescription, or still taken from another, with who prescribed it and when."""
    medicine = line.drug.generic_name.lower()
    for other in prescription.live_lines:
        if other is not line and not other.stopped and other.drug.generic_name.lower() == medicine:
            yield "drug_id", f"{other.drug.name} is on this prescription already: both?"
            return
    for other in taken:
        if other.drug.generic_name.lower() == medicine:
            on = session.store.settings.local(other.ordered_at)
            yield (
                "drug_id",
                f"{other.drug.name} was prescribed by {other.prescription.author.name} on {on:%d-%b-%Y} "
                f"({other.directions}) and is still taken: both?",
            )
            return
