"""What each FHIR R4 resource is here. Pure: one resource in, one source thing out, or `Refused` with the reason.

What a resource holds beyond this is not stored; the import counts it (`beyond`), and the source keeps it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal
from typing import Any

from hmis.consultations.models import Certainty
from hmis.core import clock
from hmis.core.access import Role
from hmis.interop import measures
from hmis.interop.elements import (
    Json,
    at_the_latest,
    birth,
    code_of,
    flag,
    moment,
    part,
    parts,
    said,
    text,
    texts,
)
from hmis.interop.source import (
    Origin,
    Refused,
    SourceDiagnosis,
    SourceDrug,
    SourceEncounter,
    SourceMeasurement,
    SourceOrder,
    SourcePatient,
    SourceStaff,
    When,
)
from hmis.people import names, phones
from hmis.people.models import Sex
from hmis.prescriptions.frequencies import FREQUENCIES

OLDEST = 130
"""Years; an earlier birth is a slip."""
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_ANIMAL = "http://hl7.org/fhir/StructureDefinition/patient-animal"
_MARITAL = {  # HL7 v3 MaritalStatus
    "A": "annulled",
    "C": "common law",
    "D": "divorced",
    "I": "interlocutory",
    "L": "separated",
    "M": "married",
    "P": "polygamous",
    "S": "single",
    "T": "domestic partner",
    "U": "unmarried",
    "W": "widowed",
}
_WHO_ICD_10 = frozenset({"http://hl7.org/fhir/sid/icd-10", "urn:oid:2.16.840.1.113883.6.3"})
_CERTAINTY = {
    "confirmed": Certainty.CONFIRMED,
    "refuted": Certainty.REFUTED,
    "provisional": Certainty.PROVISIONAL,
    "differential": Certainty.PROVISIONAL,
    "unconfirmed": Certainty.PROVISIONAL,
}
_FREQUENCIES = {
    (1, 1, "d"): "od",
    (2, 1, "d"): "bd",
    (3, 1, "d"): "tds",
    (4, 1, "d"): "qds",
    (5, 1, "d"): "five_daily",
    (1, 2, "d"): "alternate_days",
    (1, 1, "wk"): "weekly",
    (2, 1, "wk"): "twice_weekly",
    (3, 1, "wk"): "three_weekly",
    (1, 2, "wk"): "fortnightly",
    (1, 4, "wk"): "monthly",
    **{(1, hours, "h"): f"q{hours}h" for hours in range(1, 73) if f"q{hours}h" in FREQUENCIES},
}
"""How many times in how many of which unit -> the code of `frequencies`."""
_ABBREVIATED = {  # HL7 v3 GTSAbbreviation
    "QD": "od",
    "BID": "bd",
    "TID": "tds",
    "QID": "qds",
    "QOD": "alternate_days",
    "Q4H": "q4h",
    "Q6H": "q6h",
    "Q8H": "q8h",
}
_DAYS = {"d": 1, "wk": 7}

HOUSED: dict[str, frozenset[str]] = {
    "Practitioner": frozenset({"name", "gender", "birthDate", "active"}),
    "Patient": frozenset(),
    "Encounter": frozenset({"status", "class", "type", "subject", "participant", "period", "reasonCode", "diagnosis"}),
    "Condition": frozenset(
        {"clinicalStatus", "verificationStatus", "severity", "code", "bodySite", "subject", "encounter", "recordedDate"}
        | {"onsetDateTime", "onsetPeriod", "onsetAge", "onsetString", "recorder", "asserter", "note"}
        | {"abatementDateTime", "abatementPeriod", "abatementAge", "abatementString"}
    ),
    "Observation": frozenset(
        {"status", "category", "code", "subject", "encounter", "effectiveDateTime", "effectivePeriod", "performer"}
        | {"effectiveInstant", "issued", "valueQuantity", "valueInteger", "valueCodeableConcept", "component", "note"}
    ),
    "MedicationRequest": frozenset(
        {"status", "intent", "medicationCodeableConcept", "medicationReference", "subject", "encounter", "authoredOn"}
        | {"requester", "reasonCode", "reasonReference", "note", "dosageInstruction", "contained"}
    ),
    "Medication": frozenset({"code", "form", "status"}),
}
_BOOKKEEPING = frozenset({"resourceType", "id", "meta", "text", "implicitRules", "language", "identifier"})


@dataclass(frozen=True, slots=True)
class Around:
    """What a resource does not say itself."""

    region: str
    """Country of phone numbers written without +."""
    zone: tzinfo
    """Of times told without one."""
    who: Callable[[Json], str | None]
    """The practitioner id behind a reference."""
    where: Callable[[Json], str | None]
    """The encounter id behind a reference."""
    which: Callable[[Json], SourceDrug]
    """The product behind a reference."""


def beyond(kind: str, resource: Json) -> Iterator[str]:
    """Elements of a taken resource that have no home here yet."""
    if kind != "Patient":  # what a patient has beyond is kept, element by element
        yield from resource.keys() - HOUSED[kind] - _BOOKKEEPING


def practitioner(origin: Origin, resource: Json) -> SourceStaff:
    """Somebody who signed records at the source. A doctor, unless a qualification says nurse or pharmacist."""
    chosen, _ = _name_of(resource)
    given, family, other = _parts_of_name(chosen)
    if not (given or family):
        raise Refused("has no name")
    words = " ".join(said(part(held, "code")) or "" for held in parts(resource, "qualification")).lower()
    role = Role.NURSE if "nurs" in words else Role.PHARMACIST if "pharmac" in words else Role.DOCTOR
    values: dict[str, Any] = {
        "given_name": given,
        "family_name": family,
        "other_names": other,
        "sex": _sex(resource),
        "licence_number": next(
            (v for n in parts(resource, "identifier") if 0 < len(v := text(n, "value") or "") <= 64), None
        ),
    }
    if born := text(resource, "birthDate"):
        values["born_on"] = birth(born)[0]
    return SourceStaff(origin, role, values)


def patient(origin: Origin, resource: Json, around: Around) -> SourcePatient:
    """A person; whatever of them has no column becomes an identifier or a spare element, and nothing is cut short."""
    if any(text(extension, "url") == _ANIMAL for extension in parts(resource, "extension")):
        raise Refused("an animal")
    found = _Person(resource, around)
    return SourcePatient(origin, found.values, found.identifiers, found.aliases, found.spare)


class _Person:
    """One Patient resource, taken apart."""

    def __init__(self, resource: Json, around: Around) -> None:
        self.resource, self.zone = resource, around.zone
        countries = [country for a in parts(resource, "address") if (country := text(a, "country"))]
        self.region = next((c.upper() for c in countries if len(c) == 2 and c.isalpha()), around.region)
        self.values: dict[str, Any] = {"sex": _sex(resource)}
        self.identifiers: list[tuple[str, str]] = []
        self.aliases: list[str] = []
        taken = {"name", "gender", "birthDate", "identifier", "telecom", "address", "maritalStatus", "communication"}
        taken |= {"contact", "photo", "deceasedBoolean", "deceasedDateTime", "contained"}
        self.spare: dict[str, Any] = {
            name: value for name, value in resource.items() if name not in taken | _BOOKKEEPING | {"active"}
        }
        if resource.get("active") is False:
            self.spare["active"] = False
        for each in (self._names, self._birth, self._death, self._numbers, self._telecom, self._address):
            each()
        for each in (self._status, self._language, self._kin, self._photo):
            each()

    def _keep(self, name: str, value: Any, reason: str = "") -> None:
        self.spare[name] = {"value": value, "reason": reason} if reason else value

    def _names(self) -> None:
        chosen, others = _name_of(self.resource)
        given, family, other = _parts_of_name(chosen)
        if not (given or family):
            self.values |= {"unknown_identity": True, "family_name": "Unknown"}
            given = text(self.resource, "id") or ""
        else:
            self.values["family_name"] = family
        self.values |= {"given_name": given, "other_names": other}
        self.aliases = [alias for name in others if (alias := " ".join(filter(None, _parts_of_name(name))))]
        if others or chosen.get("prefix") or chosen.get("suffix"):
            self._keep("name", self.resource.get("name"))

    def _birth(self) -> None:
        told = text(self.resource, "birthDate")
        if told is None:
            return
        try:
            born, precision = birth(told)
            if born > clock.today() or born.year < clock.today().year - OLDEST:
                raise Refused("lies in the future" if born > clock.today() else f"more than {OLDEST} years ago")
        except Refused as error:
            self._keep("birthDate", told, str(error))
        else:
            self.values |= {"born_on": born, "born_precision": precision}

    def _death(self) -> None:
        """Without a date, the latest moment it can have been: a dead patient must never look alive."""
        told = text(self.resource, "deceasedDateTime")
        if told is not None:
            try:
                self.values["deceased_at"] = at_the_latest(told, self.zone)
            except Refused as error:
                self.values["deceased_at"] = clock.now()
                self._keep("deceasedDateTime", told, f"{error}; shown as dead since the import")
            else:
                if len(told) <= 10:
                    self._keep("deceasedDateTime", told, "shown as the latest moment it can mean")
        elif flag(self.resource, "deceasedBoolean"):
            self.values["deceased_at"] = clock.now()
            self._keep("deceasedBoolean", True, "dead, the day not told; shown as dead since the import")

    def _numbers(self) -> None:
        for number in parts(self.resource, "identifier"):
            value = text(number, "value")
            kind = part(number, "type")
            system = text(number, "system") or said(kind) or "not told"
            if value is None or len(value) > 120 or len(system) > 160:
                self.spare.setdefault("identifier", []).append(number)
            else:
                self.identifiers.append((system, value))

    def _telecom(self) -> None:
        """The first number and address that can be used; every other stands beside the identifiers, as it came."""
        ways = [way for way in parts(self.resource, "telecom") if text(way, "value")]
        for way in sorted(ways, key=lambda way: (text(way, "use") == "old", str(way.get("rank", "9")))):
            value, system = text(way, "value") or "", text(way, "system") or "contact"
            use = text(way, "use")
            if system in ("phone", "sms") and use != "old" and "phone" not in self.values:
                try:
                    self.values["phone"] = _phone(value, self.region)
                    continue
                except ValueError:
                    pass  # kept below, as it came
            if system == "email" and "email" not in self.values and _EMAIL.fullmatch(value) and len(value) <= 254:
                self.values["email"] = value
                continue
            self._other_number(f"{system} ({use})" if use else system, value)

    def _other_number(self, system: str, value: str) -> None:
        if len(value) <= 120 and len(system) <= 160:
            self.identifiers.append((system, value))
        else:
            self.spare.setdefault("telecom", []).append({"system": system, "value": value})

    def _address(self) -> None:
        given = parts(self.resource, "address")
        lived = sorted(given, key=lambda a: (text(a, "use") == "old", text(a, "use") != "home"))
        if not lived:
            return
        chosen = lived[0]
        shown = _shown_address(chosen)
        state, district = text(chosen, "state"), text(chosen, "district")
        if len(shown) > 500 or len(state or "") > 80 or len(district or "") > 80:
            self._keep("address", given, "too long to be held")
            return
        self.values |= {"address": shown or None, "state": state, "lga": district}
        if len(lived) > 1 or chosen.get("extension"):
            self._keep("address", given)

    def _status(self) -> None:
        concept = part(self.resource, "maritalStatus")
        status = _MARITAL.get(code_of(concept) or "") or said(concept)
        if status and len(status) > 40:
            self._keep("maritalStatus", concept, "too long to be held")
        elif status:
            self.values["marital_status"] = status

    def _language(self) -> None:
        told = parts(self.resource, "communication")
        spoken = sorted(told, key=lambda c: c.get("preferred") is not True)
        language = said(part(spoken[0], "language")) if spoken else None
        if language and len(language) <= 40:
            self.values["language"] = language
        if len(told) > 1 or len(language or "") > 40:
            self._keep("communication", told)

    def _kin(self) -> None:
        contacts = parts(self.resource, "contact")
        if not contacts:
            return
        first = contacts[0]
        given, family, other = _parts_of_name(part(first, "name"))
        ways = [text(way, "value") or "" for way in parts(first, "telecom") if text(way, "system") == "phone"]
        told = {
            "name": " ".join(filter(None, (given, other, family))) or said(part(first, "organization")),
            "relation": ", ".join(filter(None, map(said, parts(first, "relationship")))) or None,
            "phone": _kin_phone(ways[0], self.region) if ways else None,
            "address": _shown_address(part(first, "address")) or None,
        }
        room = {"name": 240, "relation": 80, "phone": 20, "address": 500}
        fits = {name: value for name, value in told.items() if value and len(value) <= room[name]}
        self.values |= {f"next_of_kin_{name}": value for name, value in fits.items()}
        if len(contacts) > 1 or len(ways) > 1 or len(fits) < sum(value is not None for value in told.values()):
            self._keep("contact", contacts)

    def _photo(self) -> None:
        photos = parts(self.resource, "photo")
        for photo in photos[:1]:
            kind, data = text(photo, "contentType"), text(photo, "data")
            image = f"data:{kind};base64,{data}"
            if kind in ("image/jpeg", "image/png") and data and len(image) <= 400_000 and len(photos) == 1:
                self.values["photo"] = image
                return
        if photos:
            self._keep("photo", photos)


def _sex(resource: Json) -> Sex:
    told = text(resource, "gender")
    return Sex(told) if told in set(Sex) else Sex.UNKNOWN


def _name_of(resource: Json) -> tuple[Json, list[Json]]:
    """The name to use, and all others."""
    order = {"official": 0, "usual": 1, None: 2, "temp": 3, "nickname": 4, "anonymous": 5, "maiden": 6, "old": 7}
    given = sorted(parts(resource, "name"), key=lambda name: order.get(text(name, "use"), 2))
    return (given[0], given[1:]) if given else ({}, [])


def _parts_of_name(name: Json) -> tuple[str, str, str | None]:
    """Given, family and other names. A name told as one text parts before its last word."""
    given, family = texts(name, "given"), text(name, "family") or ""
    whole = text(name, "text")
    if not (given or family) and whole:
        *given, family = whole.split()
    try:
        first = names.clean_name(given[0]) if given else ""
        other = names.clean_name(" ".join(given[1:]))
        family = names.clean_name(family)
    except ValueError as error:
        raise Refused(f"name: {error}") from error
    if len(first) > 120 or len(family) > 120 or len(other) > 240:
        raise Refused("its name is longer than can be held")
    return first, family, other or None


def _phone(value: str, region: str) -> str:
    """E.164. Raises `ValueError` also for a number that is possible but of no network that exists."""
    return phones.to_e164(value, region)


def _kin_phone(value: str, region: str) -> str:
    try:
        return _phone(value, region)
    except ValueError:
        return value  # as it came: somebody will know how to dial it


def _shown_address(address: Json) -> str:
    told = [*texts(address, "line"), text(address, "city"), text(address, "postalCode"), text(address, "country")]
    return ", ".join(filter(None, told)) or text(address, "text") or ""


def encounter(origin: Origin, resource: Json, around: Around) -> SourceEncounter:
    """A meeting that took place. The reason is what the patient complained of; the kind of meeting stands below it."""
    status = text(resource, "status")
    if status in ("planned", "cancelled", "entered-in-error"):
        raise Refused(f"did not take place: {status}")
    start = text(part(resource, "period"), "start")
    if start is None:
        raise Refused("says not when it was")
    kinds = [*filter(None, map(said, parts(resource, "type")))]
    setting = text(part(resource, "class"), "display") or text(part(resource, "class"), "code")
    lines = [
        "; ".join(filter(None, map(said, parts(resource, "reasonCode")))),
        "; ".join([*kinds, *filter(None, [setting])]),
    ]
    author = next((a for p in parts(resource, "participant") if (a := around.who(part(p, "individual")))), None)
    return SourceEncounter(origin, moment(start, around.zone), author, "\n".join(filter(None, lines)) or None)


def diagnosed_in(resource: Json) -> Iterator[Json]:
    """References to the conditions that an encounter lists."""
    for diagnosis in parts(resource, "diagnosis"):
        yield part(diagnosis, "condition")


def condition(origin: Origin, resource: Json, around: Around) -> SourceDiagnosis:
    """A diagnosis with the code of its source, and its course in words where it is over or has a story."""
    verification = code_of(part(resource, "verificationStatus"))
    if verification == "entered-in-error":
        raise Refused("entered in error")
    concept = part(resource, "code")
    words = said(concept)
    if words is None:
        raise Refused("says not what it is")
    coding = _chosen_code(concept)
    code, system = text(coding, "code"), text(coding, "system")
    story = [*_course(resource)]
    if code and (len(code) > 16 or len(system or "") > 160):
        story.append(f"code {code} of {system}")
        code = system = None
    told = text(resource, "recordedDate") or text(resource, "onsetDateTime")
    told = told or text(part(resource, "onsetPeriod"), "start")
    return SourceDiagnosis(
        origin,
        around.where(part(resource, "encounter")),
        _when_or_none(told, around.zone),
        around.who(part(resource, "recorder")) or around.who(part(resource, "asserter")),
        words,
        code,
        None if system in _WHO_ICD_10 else (system or ("not told" if code else None)),
        _CERTAINTY.get(verification or "", Certainty.PROVISIONAL),
        f"{words}: {'; '.join(story)}" if story else None,
    )


def _when_or_none(told: str | None, zone: tzinfo) -> When | None:
    """Without a day the encounter's time has to do."""
    try:
        return moment(told, zone) if told else None
    except Refused:
        return None


def _chosen_code(concept: Json) -> Json:
    """WHO ICD-10 where it is among the codes, else the first."""
    codings = [coding for coding in parts(concept, "coding") if text(coding, "code")]
    known = [coding for coding in codings if text(coding, "system") in _WHO_ICD_10]
    return (known or codings or [{}])[0]


def _course(resource: Json) -> Iterator[str]:
    """What else is told of a condition, in words."""
    recorded, onset = text(resource, "recordedDate"), _told_time(resource, "onset")
    if onset and onset[:10] != (recorded or onset)[:10]:
        yield f"since {onset}"
    if ended := _told_time(resource, "abatement"):
        yield f"until {ended}"
    status = code_of(part(resource, "clinicalStatus"))
    if status not in (None, "active"):
        yield str(status)
    if severity := said(part(resource, "severity")):
        yield severity
    yield from filter(None, map(said, parts(resource, "bodySite")))
    yield from (f"note: {note}" for n in parts(resource, "note") if (note := text(n, "text")))


def _told_time(resource: Json, name: str) -> str | None:
    """onset or abatement in words, whichever way it is told."""
    age = part(resource, f"{name}Age")
    if "value" in age:
        return f"the age of {age['value']} {text(age, 'unit') or 'years'}"
    period = part(resource, f"{name}Period")
    at = text(resource, f"{name}DateTime") or text(period, "start")
    return at[:10] if at else text(resource, f"{name}String")


def codes(concept: Json) -> list[str]:
    """LOINC codes of an observation or component; a code that names no system counts as LOINC where it looks so."""
    return [
        code
        for coding in parts(concept, "coding")
        if (code := text(coding, "code")) and text(coding, "system") in (measures.LOINC, None)
    ]


def field_of(concept: Json) -> str | None:
    """The column of `VitalSign` that a coded measurement fills."""
    return next((measures.FIELDS[code] for code in codes(concept) if code in measures.FIELDS), None)


def is_vital(resource: Json) -> bool:
    """Whether an observation has at least one measurement of the bedside."""
    try:
        concepts = [part(resource, "code"), *(part(c, "code") for c in parts(resource, "component"))]
        return any(field_of(concept) for concept in concepts)
    except Refused:
        return True  # its shape is wrong; the mapping will say so


def observation(origin: Origin, resource: Json, around: Around) -> SourceMeasurement:
    """The values of one observation in our units. Raises `Refused` when none of them can be taken."""
    status = text(resource, "status")
    if status in ("registered", "cancelled", "entered-in-error", "unknown"):
        raise Refused(f"status {status}")
    when, remarks = _observed(resource, around.zone)
    if status == "preliminary":
        remarks.append("preliminary in the source")
    values: dict[str, Any] = {}
    left_out: list[str] = []
    for concept, holder in _measurements(resource):
        try:
            _take(concept, holder, values, remarks)
        except Refused as error:
            left_out.append(str(error))
    for field, reason in list(measures.together(values)):
        if field in values:
            left_out.append(reason)
            for pressure in ("systolic_mmhg", "diastolic_mmhg"):
                values.pop(pressure, None)
    if not values:
        raise Refused("; ".join(left_out) or "no value")
    remarks += [f"note: {note}" for n in parts(resource, "note") if (note := text(n, "text"))]
    author = next((found for p in parts(resource, "performer") if (found := around.who(p))), None)
    return SourceMeasurement(origin, around.where(part(resource, "encounter")), when, author, values, remarks, left_out)


def observed_at(resource: Json, zone: tzinfo) -> When:
    """When an observation was made. Raises `Refused`."""
    return _observed(resource, zone)[0]


def _observed(resource: Json, zone: tzinfo) -> tuple[When, list[str]]:
    told = text(resource, "effectiveDateTime") or text(resource, "effectiveInstant")
    told = told or text(part(resource, "effectivePeriod"), "start")
    issued = text(resource, "issued")
    if told is None and issued is None:
        raise Refused("says not when it was measured")
    when = moment(told or issued or "", zone)
    remarks = [when.remark] if when.remark else []
    return when, remarks if told else [*remarks, "time of measuring not told; this is when it was issued"]


def _measurements(resource: Json) -> Iterator[tuple[Json, Json]]:
    """Concept and holder of each value: of the observation itself, then of its components."""
    absent = said(part(resource, "dataAbsentReason"))
    own = any(name.startswith("value") for name in resource)
    if own or (absent and not resource.get("component")):
        yield part(resource, "code"), resource
    for component in parts(resource, "component"):
        yield part(component, "code"), component


def _take(concept: Json, holder: Json, values: dict[str, Any], doubts: list[str]) -> None:
    field = field_of(concept)
    if field is None:
        raise Refused(f"{said(concept) or 'a value'}: no home for it yet")
    if absent := said(part(holder, "dataAbsentReason")):
        raise Refused(f"{measures.spoken(field)}: no value, {absent}")
    if field in values:
        raise Refused(f"{measures.spoken(field)}: told twice in one observation")
    if field == "consciousness":
        values[field] = measures.consciousness(said(part(holder, "valueCodeableConcept")) or "")
        return
    value, doubt = measures.measured(field, *_quantity(field, holder))
    values[field] = value
    if field == "oxygen_litres_per_min":
        values["oxygen"] = value > 0
    if doubt:
        doubts.append(doubt)


def _quantity(field: str, holder: Json) -> tuple[Any, str | None]:
    """Number and unit: the UCUM code where there is one, else the unit as it is written."""
    if "valueInteger" in holder:
        return holder["valueInteger"], None
    quantity = part(holder, "valueQuantity")
    if "value" not in quantity:
        raise Refused(f"{measures.spoken(field)}: no number")
    if comparator := text(quantity, "comparator"):
        raise Refused(f"{measures.spoken(field)}: only known to be {comparator} {quantity['value']}")
    return quantity["value"], text(quantity, "code") or text(quantity, "unit")


def drug(concept: Json, id: str | None = None, form: str | None = None) -> SourceDrug:
    """A product by the words and the code of its source."""
    words = said(concept)
    if words is None:
        raise Refused("names no drug")
    coding = _chosen_code(concept)
    return SourceDrug(words, text(coding, "code"), text(coding, "system"), form, id)


def medication(resource: Json, id: str | None) -> SourceDrug:
    """A product described as a resource of its own."""
    if text(resource, "status") == "entered-in-error":
        raise Refused("entered in error")
    return drug(part(resource, "code"), id, said(part(resource, "form")))


def order(origin: Origin, resource: Json, around: Around) -> SourceOrder:
    """A drug that was ordered, once or several times a day; what the columns of a line cannot hold is told in words."""
    status, intent = text(resource, "status"), text(resource, "intent")
    if status in ("cancelled", "entered-in-error", "draft"):
        raise Refused(f"status {status}")
    if intent in ("proposal", "plan", "option"):
        raise Refused(f"not an order but a {intent}")
    if flag(resource, "doNotPerform"):
        raise Refused("an order not to give the drug")
    concept = part(resource, "medicationCodeableConcept")
    product = drug(concept) if concept else around.which(part(resource, "medicationReference"))
    notes = [f"{status} in the source"] if status else []
    notes += [f"for {reason}" for reason in filter(None, map(said, parts(resource, "reasonCode")))]
    values: dict[str, Any] = {}
    doses = parts(resource, "dosageInstruction")
    if len(doses) == 1:
        _dosage(doses[0], values, notes)
    else:
        notes += [f"{number}: {_in_words(dose)}" for number, dose in enumerate(doses, 1)]
    notes += [note for n in parts(resource, "note") if (note := text(n, "text"))]
    return SourceOrder(
        origin,
        around.where(part(resource, "encounter")),
        _when_or_none(text(resource, "authoredOn"), around.zone),
        around.who(part(resource, "requester")),
        product,
        values,
        notes,
    )


def _dosage(dose: Json, values: dict[str, Any], notes: list[str]) -> None:
    """Fill the columns of a line; what they cannot hold is told in words."""
    notes += filter(None, [text(dose, "text"), *map(said, parts(dose, "additionalInstruction"))])
    notes += filter(None, [text(dose, "patientInstruction")])
    concept = part(dose, "asNeededCodeableConcept")
    values["as_needed"] = bool(flag(dose, "asNeededBoolean")) or bool(concept)
    values["as_needed_reason"] = said(concept)
    values["route"] = said(part(dose, "route"))
    timing = part(dose, "timing")
    values["frequency"] = _frequency(timing)
    if timing and values["frequency"] is None:
        notes.append(_timing_in_words(timing))
    bounds = part(part(timing, "repeat"), "boundsDuration")
    if bounds:
        days = _DAYS.get(text(bounds, "code") or "", 0)
        number = bounds.get("value")
        if days and isinstance(number, int) and not isinstance(number, bool) and number > 0:
            values["duration_days"] = number * days
        else:
            notes.append(f"for {_plain(bounds)}")
    rates = parts(dose, "doseAndRate")
    amount = part(rates[0], "doseQuantity") if len(rates) == 1 else {}
    number = amount.get("value")
    exact = Decimal(str(number)) if isinstance(number, int | float) and not isinstance(number, bool) else None
    if exact is not None and 0 < exact < 10**9 and exact == round(exact, 3):
        values["dose"] = exact
        values["dose_unit"] = text(amount, "unit") or text(amount, "code")
        if values["dose_unit"] is None:
            notes.append("unit of the dose not told")
    elif rates:
        notes.append(f"dose {_plain(rates)}")
    notes += [f"{name} {_plain(dose[name])}" for name in ("maxDosePerPeriod", "site", "method") if dose.get(name)]


def _frequency(timing: Json) -> str | None:
    abbreviated = _ABBREVIATED.get(code_of(part(timing, "code")) or "")
    if abbreviated:
        return abbreviated
    repeat = part(timing, "repeat")
    if repeat.keys() - {"frequency", "period", "periodUnit", "boundsDuration", "boundsPeriod"}:
        return "stat" if repeat == {"count": 1} else None
    known = (repeat.get("frequency"), repeat.get("period"), repeat.get("periodUnit"))
    return _FREQUENCIES.get(known) if all(isinstance(k, int | float | str) for k in known) else None  # type: ignore[arg-type]


def _timing_in_words(timing: Json) -> str:
    repeat = part(timing, "repeat")
    told = said(part(timing, "code"))
    if told is None and {"frequency", "period", "periodUnit"} <= repeat.keys():
        told = f"{repeat['frequency']} times in {repeat['period']} {repeat['periodUnit']}"
    return f"timing: {told or _plain(timing)}"


def _in_words(dose: Json) -> str:
    """One of several dosages, as it came."""
    return text(dose, "text") or _plain(dose)


def _plain(value: Any) -> str:
    """Any element as text."""
    return json.dumps(value, ensure_ascii=False)
