"""Every class of the console: who may do what with it, by which service, with which body, and how it is listed.

A new department adds its classes here. A test holds each way against its twin among the routes of the API: the same
permission, the same body.
"""

from __future__ import annotations

import difflib
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Select, select, true

from hmis.console.grammar import NotUnderstood
from hmis.console.kinds import Column, Kind, Place, Way, at
from hmis.console.references import short
from hmis.consultations import service as consultations
from hmis.consultations.models import Consultation
from hmis.consultations.schemas import ConsultationChange, ConsultationIn, ConsultationOut
from hmis.core.access import Permission
from hmis.core.annexes import addenda_of, amend
from hmis.core.db import HospitalSession
from hmis.core.errors import NotFound
from hmis.core.paging import Page
from hmis.core.records import Addendum
from hmis.core.schemas import AddendumIn, AddendumOut, In, ListQuery, OptionalReason, Reason, RecordListQuery
from hmis.formulary import service as formulary
from hmis.formulary.models import Drug
from hmis.formulary.schemas import DrugChange, DrugIn, DrugOut, DrugQuery
from hmis.nursing import service as nursing
from hmis.nursing.models import NurseNote
from hmis.nursing.schemas import NoteChange, NoteIn, NoteOut
from hmis.patients import service as patients
from hmis.patients.models import Patient
from hmis.patients.reference import PatientRef
from hmis.patients.schemas import PatientChange, PatientIn, PatientOut, PatientQuery
from hmis.pharmacy import service as pharmacy
from hmis.pharmacy.models import Dispense
from hmis.pharmacy.schemas import DispenseIn, DispenseOut
from hmis.prescriptions import service as prescriptions
from hmis.prescriptions.models import DrugPrescription, Prescription
from hmis.prescriptions.schemas import (
    LineChange,
    LineIn,
    LineOut,
    PrescriptionChange,
    PrescriptionIn,
    PrescriptionOut,
    QueueQuery,
)
from hmis.staff import service as staff
from hmis.staff.models import Admin, Doctor, Nurse, Pharmacist, RecordOfficer, Staff
from hmis.staff.reference import StaffRef
from hmis.staff.schemas import StaffChange, StaffIn, StaffInvited, StaffOut, StaffQuery
from hmis.visits import service as visits
from hmis.visits.models import Visit
from hmis.visits.schemas import MoveIn, VisitIn, VisitOut, VisitQuery
from hmis.visits.service import card
from hmis.vitals import service as vitals
from hmis.vitals.models import VitalSign
from hmis.vitals.schemas import VitalSignIn, VitalSignOut

P = Permission

READERS = (P.CONSULTATIONS_READ, P.CONSULTATIONS_SUMMARY)
ALIASES = {"vital": "VitalSign", "vitals": "VitalSign", "line": "DrugPrescription", "note": "NurseNote"}

_PATIENTS = "/patients"
_PATIENT = "/patients/<patient:patient>"
_VISITS = f"{_PATIENT}/visits"
_CONSULTATIONS = f"{_PATIENT}/consultations"
_VITALS = f"{_PATIENT}/vitals"
_NOTES = f"{_PATIENT}/nursenotes"
_CONSULTED = f"{_CONSULTATIONS}/<uuid:consultation_id>"
_PRESCRIPTION = f"{_CONSULTED}/prescription"
_LINES = f"{_PRESCRIPTION}/drugs"
_DISPENSES = f"{_PRESCRIPTION}/dispenses"
_ONE = "/<uuid:id>"

ID = Column("id", lambda row: short(row["id"]))
BY = Column("by", "author.staff_number")
WHOSE = Column("patient", "patient.hospital_number", if_any=True)
WITHDRAWN = Column("", lambda row: _mark(row), if_any=True)


def class_named(text: str) -> Kind:
    """The class of this name, in whatever case. Raises `NotUnderstood` with the name that was probably meant."""
    names = {name.lower(): name for name in CLASSES}
    wanted = text.lower()
    if wanted in names or wanted in ALIASES:
        return CLASSES[names.get(wanted) or ALIASES[wanted]]
    alike = difflib.get_close_matches(wanted, [*names, *ALIASES], n=1, cutoff=0.5)
    if alike:
        meant = names.get(alike[0]) or ALIASES[alike[0]]
        raise NotUnderstood(f"Unknown class: {text}. Did you mean {meant}?")
    raise NotUnderstood(f"Unknown class: {text}. There are {', '.join(CLASSES)}")


def within(session: HospitalSession, parents: Mapping[str, str]) -> Place:
    """The place of what belongs to these parents. Raises `NotFound`."""
    patient = PatientRef(parents.get("patient", ""))
    if "record" in parents:
        return _record(session, parents["record"])
    if "by" in parents:
        return Place(id=staff.find(session, StaffRef(parents["by"])).id)
    if "prescription" in parents:
        place = CLASSES["Prescription"].locate(session, parents["prescription"])
        _prescription(session, place)
        session.expunge_all()
    elif "consultation" in parents:
        found = CLASSES["Consultation"].locate(session, parents["consultation"])
        place = Place(found.patient, found.id)
    else:
        return Place(patient)
    return Place(patient or place.patient, place.consultation_id, place.id)


def _mark(row: Mapping[str, Any]) -> str:
    if row.get("voided"):
        return "withdrawn"
    return "in error" if row.get("entered_in_error") else ""


def _key(text: str, what: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound(f"there is no such {what} here: {text[:64]} is no id") from None


def _found(session: HospitalSession, asked: Select[Any], what: str) -> Any:
    row = session.execute(asked).one_or_none()
    if row is None:
        raise NotFound(f"there is no such {what} here")
    return row


def _patient_at(session: HospitalSession, text: str) -> Place:
    row = _found(session, select(Patient.id).where(PatientRef(text).criterion()), "patient")
    return Place(PatientRef(row.id), id=row.id)


def _staff_at(model: type[Staff], what: str) -> Callable[[HospitalSession, str], Place]:
    def at_desk(session: HospitalSession, text: str) -> Place:
        return Place(id=_found(session, select(model.id).where(StaffRef(text).criterion()), what).id)

    return at_desk


def _of_patient(model: Any, what: str) -> Callable[[HospitalSession, str], Place]:
    def in_chart(session: HospitalSession, text: str) -> Place:
        row = _found(session, select(model.id, model.patient_id).where(model.id == _key(text, what)), what)
        return Place(PatientRef(row.patient_id), id=row.id)

    return in_chart


def _of_prescription(model: Any, what: str) -> Callable[[HospitalSession, str], Place]:
    """For a prescription, and for what names one: by the consultation whose prescription it is."""

    def in_consultation(session: HospitalSession, text: str) -> Place:
        asked = select(model.id, Prescription.patient_id, Prescription.consultation_id).where(
            model.id == _key(text, what)
        )
        if model is not Prescription:
            asked = asked.join(Prescription, Prescription.id == model.prescription_id)
        row = _found(session, asked, what)
        return Place(PatientRef(row.patient_id), row.consultation_id, row.id)

    return in_consultation


def _drug_at(session: HospitalSession, text: str) -> Place:
    return Place(id=_key(text, "drug"))


def _record(session: HospitalSession, text: str) -> Place:
    """A clinical record of whatever class. Raises `NotFound`."""
    key = _key(text, "record")
    for kind in (CLASSES[name] for name in _ADDED_TO):
        if session.get(kind.model, key) is not None:
            session.expunge_all()
            place = kind.locate(session, text)
            return Place(place.patient, place.consultation_id, place.id, kind)
    raise NotFound("there is no such record here")


def _addendum_at(session: HospitalSession, text: str) -> Place:
    addendum = session.get(Addendum, _key(text, "addendum"))
    if addendum is None:
        raise NotFound("there is no such addendum here")
    record = _record(session, str(addendum.record_id))
    return Place(record.patient, record.consultation_id, addendum.id, record.of)


def _amended(session: HospitalSession, place: Place, body: AddendumIn) -> Addendum:
    assert place.of is not None
    return amend(session, place.of.find(session, place), body)


def _added(session: HospitalSession, place: Place, query: RecordListQuery) -> Page[Addendum]:
    assert place.of is not None
    return addenda_of(session, place.of.find(session, place), query)


def _addendum(session: HospitalSession, place: Place) -> Addendum:
    """One addendum, in the chart where it stands; whoever may read the record may read it."""
    return session.fetch_of(place.patient, Addendum, Addendum.id == place.one)


def _prescription(session: HospitalSession, place: Place) -> Prescription:
    """The prescription of that id, where it is the one its consultation means. Raises `NotFound`."""
    found = prescriptions.find(session, place.patient, place.consultation)
    if found.id != place.id:
        raise NotFound("this prescription was withdrawn, and another was written in the same consultation")
    return found


def _withdraw_prescription(session: HospitalSession, place: Place, why: Reason) -> None:
    _prescription(session, place)
    prescriptions.withdraw(session, place.patient, place.consultation, why.reason)


def _instruct(session: HospitalSession, place: Place, body: PrescriptionChange) -> Prescription:
    _prescription(session, place)
    return prescriptions.instruct(session, place.patient, place.consultation, body)


def _line(session: HospitalSession, place: Place) -> DrugPrescription:
    lines = prescriptions.find(session, place.patient, place.consultation).lines
    found = next((line for line in lines if line.id == place.id), None)
    if found is None:
        raise NotFound("there is no such drug on this prescription")
    return found


def _lines(session: HospitalSession, place: Place, query: ListQuery) -> Page[DrugPrescription]:
    return Page(prescriptions.find(session, place.patient, place.consultation).live_lines)


def _dispense(session: HospitalSession, place: Place) -> Dispense:
    return pharmacy.find(session, place.patient, place.consultation, place.one)


def _consulted(session: HospitalSession, page: Page[Consultation], *, with_patient: bool = False) -> Page[Any]:
    shown = [
        consultations.shown_to_reader(session, found, **({"patient": card(found.patient)} if with_patient else {}))
        for found in page.items
    ]
    return Page(shown, page.next)


def _invited(invited: staff.Invited) -> StaffInvited:
    return StaffInvited(**StaffOut.model_validate(invited.staff).model_dump(), setup_token=invited.setup_token)


def _who(row: Mapping[str, Any]) -> str:
    return ", ".join(str(part) for part in (row.get("name"), row.get("sex"), row.get("age")) if part)


def _pressure(row: Mapping[str, Any]) -> str:
    pair = row.get("systolic_mmhg"), row.get("diastolic_mmhg")
    return "" if pair == (None, None) else "/".join("?" if value is None else str(value) for value in pair)


def _news2(row: Mapping[str, Any]) -> str:
    total, band = at(row, "news2.total"), at(row, "news2.band")
    return " ".join(str(part).replace("_", " ") for part in (total, band) if part is not None)


def _vital_label(row: Mapping[str, Any]) -> str:
    said = (("BP", _pressure(row)), ("pulse", row.get("pulse_per_min")), ("NEWS2", _news2(row)))
    return ", ".join(f"{name} {value}" for name, value in said if value not in ("", None))


def _diagnosed(row: Mapping[str, Any]) -> str:
    return "; ".join(diagnosis["text"] for diagnosis in row.get("diagnoses") or [])


def _prescribed(row: Mapping[str, Any]) -> str:
    return "; ".join(line["drug"]["name"] for line in row.get("lines") or [])


def _handed_out(row: Mapping[str, Any]) -> str:
    return "; ".join(f"{line['quantity']} x {line['drug']['name']}" for line in row.get("lines") or [])


def _begins(text: Any, length: int = 60) -> str:
    line = " ".join(str(text or "").split())
    return line if len(line) <= length else f"{line[: length - 1]}…"


def _staff(model: type[Staff], path: str, says: str) -> Kind:
    """A kind of staff; `Staff` itself is all of them, and nobody is hired as that."""
    name = model.__name__
    hire = Way(
        "create",
        f"POST /staffs/{path}",
        (P.STAFF_EDIT,),
        lambda session, place, body: _invited(staff.hire(session, model, body)),
        StaffIn,
    )
    one = "/staffs/<staff:staff>"

    def listed(verb: str) -> Way:
        return Way(
            verb,
            f"GET /staffs/{path}",
            (P.STAFF_READ,),
            lambda session, place, query: staff.listed(session, model, query),
            StaffQuery,
        )

    def ref(place: Place) -> StaffRef:
        return StaffRef(place.one)

    return Kind(
        name,
        says,
        model,
        StaffOut,
        (
            Column("number", "staff_number"),
            Column("name", "name"),
            Column("role", "role"),
            Column("user name", "username"),
            Column("licence", "licence_number", if_any=True),
            Column("left", "deactivated_at", if_any=True),
        ),
        lambda row: str(row["name"]),
        _staff_at(model, "member of staff" if model is Staff else name.lower()),
        (
            listed("all"),
            listed("find"),
            Way("show", f"GET {one}", (P.STAFF_READ, P.SIGNED_IN), lambda s, p, _: staff.profile(s, ref(p))),
            *(() if model is Staff else (hire,)),
            Way(
                "update",
                f"PUT {one}",
                (P.STAFF_EDIT, P.SIGNED_IN),
                lambda s, p, body: staff.edit(s, ref(p), body),
                StaffChange,
            ),
            Way(
                "destroy",
                f"DELETE {one}",
                (P.STAFF_EDIT,),
                lambda s, p, why: staff.deactivate(s, ref(p), why.reason),
                OptionalReason,
            ),
            Way(
                "activate",
                f"POST {one}/activate",
                (P.STAFF_EDIT,),
                lambda s, p, _: _invited(staff.activate(s, ref(p))),
            ),
            Way(
                "invite",
                f"POST {one}/setup-token",
                (P.STAFF_EDIT,),
                lambda s, p, _: _invited(staff.invite_again(s, ref(p))),
            ),
        ),
        lambda: model.deactivated_at.is_(None),
        (P.SIGNED_IN,) if model is Staff else (P.STAFF_READ,),
        number="staff_number",
    )


_PATIENT_KIND = Kind(
    "Patient",
    "Somebody treated here.",
    Patient,
    PatientOut,
    (
        Column("number", "hospital_number"),
        Column("name", "name"),
        Column("sex", "sex"),
        Column("age", "age"),
        Column("phone", "phone", if_any=True),
        Column("died", "deceased_at", if_any=True),
    ),
    _who,
    _patient_at,
    (
        Way(
            "all",
            f"GET {_PATIENTS}",
            (P.PATIENTS_LIST,),
            lambda s, p, query: _searched(s, query),
            PatientQuery,
            searches=True,
        ),
        Way(
            "find",
            f"GET {_PATIENTS}",
            (P.PATIENTS_LIST,),
            lambda s, p, query: _searched(s, query),
            PatientQuery,
            searches=True,
        ),
        Way(
            "show",
            f"GET {_PATIENT}",
            (P.PATIENTS_READ,),
            lambda s, p, _: patients.shown_to_reader(s, patients.find(s, p.patient)),
        ),
        Way(
            "create",
            f"POST {_PATIENTS}",
            (P.PATIENTS_REGISTER,),
            lambda s, p, body: patients.shown_to_reader(s, patients.register(s, body)),
            PatientIn,
        ),
        Way(
            "update",
            f"PUT {_PATIENT}",
            (P.PATIENTS_EDIT,),
            lambda s, p, body: patients.shown_to_reader(s, patients.edit(s, p.patient, body)),
            PatientChange,
        ),
        Way("destroy", f"DELETE {_PATIENT}", (P.PATIENTS_DELETE,), lambda s, p, _: patients.set_aside(s, p.patient)),
    ),
    lambda: Patient.set_aside_at.is_(None),
    (P.SIGNED_IN,),
    number="hospital_number",
)


def _searched(session: HospitalSession, query: PatientQuery) -> Page[PatientOut]:
    found = patients.search(session, query)
    return Page([patients.shown_to_reader(session, patient) for patient in found.items], found.next)


_VISIT_KIND = Kind(
    "Visit",
    "A patient's coming to a clinic: the ticket, and where they are now. `update` moves them: to=triage.",
    Visit,
    VisitOut,
    (
        ID,
        Column("clinic", "clinic"),
        Column("ticket", "ticket", right=True),
        Column("patient", "patient.hospital_number"),
        Column("name", "patient.name"),
        Column("state", "state"),
        Column("since", "moved_at"),
    ),
    lambda row: f"{row['clinic']}, {str(row['state']).replace('_', ' ')}",
    _of_patient(Visit, "visit"),
    (
        Way(
            "all",
            "GET /visits",
            (P.VISITS_READ,),
            lambda s, p, query: _visits(visits.day_list(s, query)),
            VisitQuery,
            searches=True,
        ),
        Way(
            "all",
            f"GET {_VISITS}",
            (P.VISITS_READ,),
            lambda s, p, query: _visits(visits.of_patient(s, p.patient, query)),
            ListQuery,
            "patient",
        ),
        Way(
            "show",
            f"GET {_VISITS}{_ONE}",
            (P.VISITS_READ,),
            lambda s, p, _: visits.shown(visits.find(s, p.patient, p.one)),
        ),
        Way(
            "create",
            f"POST {_VISITS}",
            (P.VISITS_CHECK_IN,),
            lambda s, p, body: visits.shown(visits.check_in(s, p.patient, body)),
            VisitIn,
            "patient",
        ),
        Way(
            "update",
            f"POST /visits{_ONE}/move",
            (P.VISITS_MOVE,),
            lambda s, p, body: visits.shown(visits.move(s, p.one, body)),
            MoveIn,
        ),
    ),
    lambda: true(),
    (P.SIGNED_IN,),
)


def _visits(page: Page[Visit]) -> Page[VisitOut]:
    return Page([visits.shown(visit) for visit in page.items], page.next)


_CONSULTATION_KIND = Kind(
    "Consultation",
    "What a doctor found, thought and planned.",
    Consultation,
    ConsultationOut,
    (
        ID,
        Column("when", "occurred_at"),
        WHOSE,
        Column("complaint", lambda row: _begins(row.get("presenting_complaint"), 40)),
        Column("diagnoses", _diagnosed),
        BY,
        WITHDRAWN,
    ),
    lambda row: _begins(_diagnosed(row) or row.get("presenting_complaint")),
    _of_patient(Consultation, "consultation"),
    (
        Way(
            "all",
            f"GET {_CONSULTATIONS}",
            READERS,
            lambda s, p, query: _consulted(s, consultations.of_patient(s, p.patient, query)),
            RecordListQuery,
            "patient",
        ),
        Way(
            "all",
            "GET /staffs/doctors/<staff:doctor>/consultations",
            READERS,
            lambda s, p, query: _consulted(s, consultations.by_doctor(s, p.one, query), with_patient=True),
            RecordListQuery,
            "by",
        ),
        Way(
            "show",
            f"GET {_CONSULTATIONS}{_ONE}",
            READERS,
            lambda s, p, _: consultations.shown_with_addenda(s, consultations.find(s, p.patient, p.one)),
        ),
        Way(
            "create",
            f"POST {_CONSULTATIONS}",
            (P.CONSULTATIONS_RECORD,),
            lambda s, p, body: consultations.shown_to_reader(
                s, consultations.record(s, p.patient, body), addenda=[], addenda_count=0
            ),
            ConsultationIn,
            "patient",
        ),
        Way(
            "update",
            f"PUT {_CONSULTATIONS}{_ONE}",
            (P.CONSULTATIONS_RECORD,),
            lambda s, p, body: consultations.shown_with_addenda(s, consultations.correct(s, p.patient, p.one, body)),
            ConsultationChange,
        ),
        Way(
            "destroy",
            f"DELETE {_CONSULTATIONS}{_ONE}",
            (P.CONSULTATIONS_RECORD,),
            lambda s, p, why: consultations.withdraw(s, p.patient, p.one, why.reason),
            Reason,
        ),
    ),
    lambda: Consultation.voided_at.is_(None),
    (P.SIGNED_IN,),
    happened="occurred_at",
    find=lambda s, p: consultations.find(s, p.patient, p.one),
)

_VITAL_KIND = Kind(
    "VitalSign",
    "What was measured together at the bedside.",
    VitalSign,
    VitalSignOut,
    (
        ID,
        Column("taken", "taken_at"),
        WHOSE,
        Column("BP", _pressure, right=True),
        Column("pulse", "pulse_per_min", right=True),
        Column("resp", "respirations_per_min", right=True),
        Column("°C", "temperature_celsius", right=True),
        Column("SpO2", "spo2_percent", right=True),
        Column("NEWS2", _news2),
        BY,
        WITHDRAWN,
    ),
    _vital_label,
    _of_patient(VitalSign, "vital sign"),
    (
        Way(
            "all",
            f"GET {_VITALS}",
            (P.VITALS_READ,),
            lambda s, p, query: vitals.of_patient(s, p.patient, query),
            RecordListQuery,
            "patient",
        ),
        Way(
            "all",
            f"GET {_CONSULTED}/vitals",
            (P.VITALS_READ,),
            lambda s, p, query: vitals.of_patient(s, p.patient, query, p.consultation),
            RecordListQuery,
            "consultation",
        ),
        Way(
            "all",
            "GET /staffs/nurses/<staff:nurse>/vitals",
            (P.VITALS_READ,),
            lambda s, p, query: vitals.by_nurse(s, p.one, query),
            RecordListQuery,
            "by",
        ),
        Way("show", f"GET {_VITALS}{_ONE}", (P.VITALS_READ,), lambda s, p, _: vitals.find(s, p.patient, p.one)),
        Way(
            "create",
            f"POST {_VITALS}",
            (P.VITALS_RECORD,),
            lambda s, p, body: vitals.record(s, p.patient, body),
            VitalSignIn,
            "patient",
        ),
        Way(
            "create",
            f"POST {_CONSULTED}/vitals",
            (P.VITALS_RECORD,),
            lambda s, p, body: vitals.record(s, p.patient, body, p.consultation),
            VitalSignIn,
            "consultation",
        ),
        Way(
            "update",
            f"PUT {_VITALS}{_ONE}",
            (P.VITALS_RECORD,),
            lambda s, p, body: vitals.correct(s, p.patient, p.one, body),
            VitalSignIn,
        ),
        Way(
            "destroy",
            f"DELETE {_VITALS}{_ONE}",
            (P.VITALS_RECORD,),
            lambda s, p, why: vitals.withdraw(s, p.patient, p.one, why.reason),
            Reason,
        ),
    ),
    lambda: VitalSign.voided_at.is_(None),
    (P.SIGNED_IN,),
    happened="taken_at",
    find=lambda s, p: vitals.find(s, p.patient, p.one),
)

_NOTE_KIND = Kind(
    "NurseNote",
    "What a nurse writes of a patient.",
    NurseNote,
    NoteOut,
    (
        ID,
        Column("written", "created_at"),
        WHOSE,
        Column("kind", "kind"),
        Column("text", lambda row: _begins(row["text"])),
        BY,
        WITHDRAWN,
    ),
    lambda row: f"{row['kind']}: {_begins(row['text'])}",
    _of_patient(NurseNote, "nurse note"),
    (
        Way(
            "all",
            f"GET {_NOTES}",
            (P.NOTES_READ,),
            lambda s, p, query: nursing.of_patient(s, p.patient, query),
            RecordListQuery,
            "patient",
        ),
        Way(
            "all",
            "GET /staffs/nurses/<staff:nurse>/notes",
            (P.NOTES_READ,),
            lambda s, p, query: _notes(nursing.by_nurse(s, p.one, query)),
            RecordListQuery,
            "by",
        ),
        Way("show", f"GET {_NOTES}{_ONE}", (P.NOTES_READ,), lambda s, p, _: nursing.find(s, p.patient, p.one)),
        Way(
            "create",
            f"POST {_NOTES}",
            (P.NOTES_RECORD,),
            lambda s, p, body: nursing.write(s, p.patient, body),
            NoteIn,
            "patient",
        ),
        Way(
            "update",
            f"PUT {_NOTES}{_ONE}",
            (P.NOTES_RECORD,),
            lambda s, p, body: nursing.correct(s, p.patient, p.one, body),
            NoteChange,
        ),
        Way(
            "destroy",
            f"DELETE {_NOTES}{_ONE}",
            (P.NOTES_RECORD,),
            lambda s, p, why: nursing.withdraw(s, p.patient, p.one, why.reason),
            Reason,
        ),
    ),
    lambda: NurseNote.voided_at.is_(None),
    (P.SIGNED_IN,),
    find=lambda s, p: nursing.find(s, p.patient, p.one),
)


def _notes(page: Page[NurseNote]) -> Page[NoteOut]:
    return Page([nursing.shown_with_patient(note) for note in page.items], page.next)


_DRUG_KIND = Kind(
    "Drug",
    "A product this hospital knows: generic name, strength, form.",
    Drug,
    DrugOut,
    (
        ID,
        Column("name", "name"),
        Column("route", "route"),
        Column("pack", "pack_size", right=True, if_any=True),
        Column("retired", "retired_at", if_any=True),
    ),
    lambda row: str(row["name"]),
    _drug_at,
    (
        Way("all", "GET /drugs", (P.DRUGS_READ,), lambda s, p, query: formulary.search(s, query), DrugQuery),
        Way("find", "GET /drugs", (P.DRUGS_READ,), lambda s, p, query: formulary.search(s, query), DrugQuery),
        Way("show", f"GET /drugs{_ONE}", (P.DRUGS_READ,), lambda s, p, _: formulary.find(s, p.one)),
        Way("create", "POST /drugs", (P.DRUGS_EDIT,), lambda s, p, body: formulary.add(s, body), DrugIn),
        Way(
            "update",
            f"PUT /drugs{_ONE}",
            (P.DRUGS_EDIT,),
            lambda s, p, body: formulary.edit(s, p.one, body),
            DrugChange,
        ),
        Way(
            "destroy",
            f"DELETE /drugs{_ONE}",
            (P.DRUGS_EDIT,),
            lambda s, p, why: formulary.retire(s, p.one, why.reason),
            OptionalReason,
        ),
    ),
    lambda: Drug.retired_at.is_(None),
    (P.SIGNED_IN,),
)

_PRESCRIPTION_KIND = Kind(
    "Prescription",
    "The drugs ordered at one consultation. Without a patient, `all` is the pharmacy's queue.",
    Prescription,
    PrescriptionOut,
    (
        ID,
        Column("written", "created_at"),
        Column("patient", "patient.hospital_number"),
        Column("state", "state"),
        Column("drugs", _prescribed),
        BY,
        WITHDRAWN,
    ),
    lambda row: _prescribed(row) or "no drugs yet",
    _of_prescription(Prescription, "prescription"),
    (
        Way(
            "all",
            "GET /prescriptions",
            (P.PRESCRIPTIONS_READ,),
            lambda s, p, query: prescriptions.queue(s, query),
            QueueQuery,
            searches=True,
        ),
        Way(
            "all",
            f"GET {_PATIENT}/prescriptions",
            (P.PRESCRIPTIONS_READ,),
            lambda s, p, query: prescriptions.of_patient(s, p.patient, query),
            RecordListQuery,
            "patient",
        ),
        Way(
            "all",
            "GET /staffs/doctors/<staff:doctor>/prescriptions",
            (P.PRESCRIPTIONS_READ,),
            lambda s, p, query: prescriptions.by_doctor(s, p.one, query),
            RecordListQuery,
            "by",
        ),
        Way("show", f"GET {_PRESCRIPTION}", (P.PRESCRIPTIONS_READ,), lambda s, p, _: _prescription(s, p)),
        Way(
            "create",
            f"POST {_PRESCRIPTION}",
            (P.PRESCRIPTIONS_WRITE,),
            lambda s, p, body: prescriptions.prescribe(s, p.patient, p.consultation, body),
            PrescriptionIn,
            "consultation",
        ),
        Way("update", f"PUT {_PRESCRIPTION}", (P.PRESCRIPTIONS_WRITE,), _instruct, PrescriptionChange),
        Way("destroy", f"DELETE {_PRESCRIPTION}", (P.PRESCRIPTIONS_WRITE,), _withdraw_prescription, Reason),
    ),
    lambda: Prescription.voided_at.is_(None),
    (P.SIGNED_IN,),
    find=_prescription,
)


def _act_on_line(verb: str, needs: P) -> Way:
    does = {"stop": prescriptions.stop, "hold": prescriptions.hold, "release": prescriptions.release}[verb]
    return Way(
        verb,
        f"POST {_LINES}{_ONE}/{verb}",
        (needs,),
        lambda s, p, why: does(s, p.patient, p.consultation, p.one, why.reason),
        Reason,
    )


_LINE_KIND = Kind(
    "DrugPrescription",
    "One drug of a prescription: how much, how often, how long.",
    DrugPrescription,
    LineOut,
    (
        ID,
        Column("drug", "drug.name"),
        Column("directions", "directions"),
        Column("to give", "quantity", right=True),
        Column("given", "dispensed", right=True),
        Column("state", "state"),
    ),
    lambda row: f"{row['drug']['name']}, {row['directions']}",
    _of_prescription(DrugPrescription, "drug prescription"),
    (
        Way("all", f"GET {_PRESCRIPTION}", (P.PRESCRIPTIONS_READ,), _lines, ListQuery, "prescription"),
        Way("all", f"GET {_PRESCRIPTION}", (P.PRESCRIPTIONS_READ,), _lines, ListQuery, "consultation"),
        Way("show", f"GET {_PRESCRIPTION}", (P.PRESCRIPTIONS_READ,), lambda s, p, _: _line(s, p)),
        *(
            Way(
                "create",
                f"POST {_LINES}",
                (P.PRESCRIPTIONS_WRITE,),
                lambda s, p, body: prescriptions.add_line(s, p.patient, p.consultation, body),
                LineIn,
                parent,
            )
            for parent in ("prescription", "consultation")
        ),
        Way(
            "update",
            f"PUT {_LINES}{_ONE}",
            (P.PRESCRIPTIONS_WRITE,),
            lambda s, p, body: prescriptions.change_line(s, p.patient, p.consultation, p.one, body),
            LineChange,
        ),
        Way(
            "destroy",
            f"DELETE {_LINES}{_ONE}",
            (P.PRESCRIPTIONS_WRITE,),
            lambda s, p, why: prescriptions.remove_line(s, p.patient, p.consultation, p.one, why.reason),
            Reason,
        ),
        _act_on_line("stop", P.PRESCRIPTIONS_STOP),
        _act_on_line("hold", P.PRESCRIPTIONS_HOLD),
        _act_on_line("release", P.PRESCRIPTIONS_HOLD),
    ),
    lambda: DrugPrescription.removed_at.is_(None),
    (P.PRESCRIPTIONS_READ,),
)

_DISPENSE_KIND = Kind(
    "Dispense",
    "One handing-out on a prescription.",
    Dispense,
    DispenseOut,
    (ID, Column("when", "created_at"), Column("handed out", _handed_out), Column("note", "note"), BY, WITHDRAWN),
    _handed_out,
    _of_prescription(Dispense, "dispense"),
    (
        *(
            Way(
                "all",
                f"GET {_DISPENSES}",
                (P.PRESCRIPTIONS_READ,),
                lambda s, p, query: pharmacy.of_prescription(s, p.patient, p.consultation, query),
                RecordListQuery,
                parent,
            )
            for parent in ("prescription", "consultation")
        ),
        Way("show", f"GET {_DISPENSES}{_ONE}", (P.PRESCRIPTIONS_READ,), lambda s, p, _: _dispense(s, p)),
        *(
            Way(
                "create",
                f"POST {_DISPENSES}",
                (P.PRESCRIPTIONS_DISPENSE,),
                lambda s, p, body: pharmacy.dispense(s, p.patient, p.consultation, body),
                DispenseIn,
                parent,
            )
            for parent in ("prescription", "consultation")
        ),
        Way(
            "destroy",
            f"DELETE {_DISPENSES}{_ONE}",
            (P.PRESCRIPTIONS_DISPENSE,),
            lambda s, p, why: pharmacy.withdraw(s, p.patient, p.consultation, p.one, why.reason),
            Reason,
        ),
    ),
    lambda: Dispense.voided_at.is_(None),
    (P.PRESCRIPTIONS_READ,),
    find=_dispense,
)

_ADDED_TO = {
    "Consultation": (f"{_CONSULTATIONS}{_ONE}", P.CONSULTATIONS_READ, P.CONSULTATIONS_RECORD),
    "VitalSign": (f"{_VITALS}{_ONE}", P.VITALS_READ, P.VITALS_RECORD),
    "NurseNote": (f"{_NOTES}{_ONE}", P.NOTES_READ, P.NOTES_RECORD),
    "Prescription": (_PRESCRIPTION, P.PRESCRIPTIONS_READ, P.PRESCRIPTIONS_WRITE),
    "Dispense": (f"{_DISPENSES}{_ONE}", P.PRESCRIPTIONS_READ, P.PRESCRIPTIONS_DISPENSE),
}
"""Under which records something can be added: the path, and who may read and write it."""


def _annexed(verb: str, name: str, does: Callable[..., Any], takes: type[In] | None) -> Way:
    path, reads, writes = _ADDED_TO[name]
    method = "POST" if verb == "create" else "GET"
    needs = writes if verb == "create" else reads
    return Way(verb, f"{method} {path}/addenda", (needs,), does, takes, f"record:{name}")


_ADDENDUM_KIND = Kind(
    "Addendum",
    "Added under a clinical record, at any time: record=<id> says under which.",
    Addendum,
    AddendumOut,
    (
        ID,
        Column("added", "created_at"),
        Column("kind", "kind"),
        Column("text", lambda row: _begins(row["text"])),
        BY,
        WITHDRAWN,
    ),
    lambda row: f"{str(row['kind']).replace('_', ' ')}: {_begins(row['text'])}",
    _addendum_at,
    (
        *(_annexed("all", name, _added, RecordListQuery) for name in _ADDED_TO),
        *(_annexed("show", name, lambda s, p, _: _addendum(s, p), None) for name in _ADDED_TO),
        *(_annexed("create", name, _amended, AddendumIn) for name in _ADDED_TO),
    ),
    Addendum.standing,
    (P.CONSULTATIONS_READ, P.VITALS_READ, P.NOTES_READ, P.PRESCRIPTIONS_READ),
)

CLASSES: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        _PATIENT_KIND,
        _VISIT_KIND,
        _CONSULTATION_KIND,
        _VITAL_KIND,
        _NOTE_KIND,
        _PRESCRIPTION_KIND,
        _LINE_KIND,
        _DISPENSE_KIND,
        _ADDENDUM_KIND,
        _DRUG_KIND,
        _staff(Staff, "doctors", "Everybody who works here."),
        _staff(Doctor, "doctors", "Consults and prescribes."),
        _staff(Nurse, "nurses", "Measures, observes and writes nursing notes."),
        _staff(Pharmacist, "pharmacists", "Keeps the drugs and dispenses them."),
        _staff(RecordOfficer, "recordofficers", "Registers patients and checks them in."),
        _staff(Admin, "admins", "Runs the system and reads no charts."),
    )
}
"""The classes of this hospital, by name."""
