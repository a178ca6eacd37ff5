"""Importing a folder of Synthea's CSV files: each row is told in the words of FHIR and goes the same way as those.

Columns without a home are handed on under their own names, so that they are counted or kept like any other element.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from hmis.core.access import Actor
from hmis.core.store import Store
from hmis.interop import measures
from hmis.interop.elements import Json
from hmis.interop.fhir import Gathering
from hmis.interop.pile import Pile, told
from hmis.interop.reading import File, Skipped, Unreadable, files, table
from hmis.interop.report import Progress, Report, silently
from hmis.interop.sorting import Sorting
from hmis.interop.source import Origin
from hmis.interop.writing import NO_HOME, Writer

_SNOMED = "http://snomed.info/sct"
_RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
_SYSTEMS = {"SNOMED-CT": _SNOMED, "RxNorm": _RXNORM}
_IDENTIFIERS = {
    "SSN": "http://hl7.org/fhir/sid/us-ssn",
    "DRIVERS": "urn:oid:2.16.840.1.113883.4.3.25",
    "PASSPORT": "http://standardhealthrecord.org/fhir/StructureDefinition/passportNumber",
}
_SEX = {"M": "male", "F": "female"}

Row = dict[str, str]


def import_folder(
    store: Store, actor: Actor, folder: Path, *, source: str = "Synthea CSV", progress: Progress = silently
) -> Report:
    """Import the CSV files of a folder. Run again, it adds what is new and nothing else. Raises `NotPermitted`."""
    started = time.monotonic()
    writer = Writer(store, actor, source, progress)
    with closing(Pile()) as pile:
        writer.refuse(_read(Gathering(pile, writer, progress), folder, progress))
        Sorting(pile, writer, store).write()
    report = writer.finish()
    report.seconds = time.monotonic() - started
    return report


def _read(gathering: Gathering, folder: Path, progress: Progress) -> Iterator[tuple[Origin, str]]:
    found = list(files([folder], (".csv",)))
    total, done = sum(file.size for file in found if isinstance(file, File)), 0
    for file in found:
        if isinstance(file, Skipped):
            gathering.unreadable(file.name, file.reason)
            continue
        progress(done, total, f"reading {file.name}")
        try:
            yield from _rows(gathering, file)
        except Unreadable as error:
            gathering.unreadable(file.name, str(error))
        done += file.size


def _rows(gathering: Gathering, file: File) -> Iterator[tuple[Origin, str]]:
    stem = file.name.lower().removesuffix(".gz").removesuffix(".csv")
    tell = _TOLD.get(stem)
    for number, row in table(file.path):
        if isinstance(row, Unreadable):
            gathering.unreadable(f"{file.name} line {number}", str(row))
        elif tell is None:
            gathering.report.seen[stem] += 1
            gathering.report.counted[stem, NO_HOME] += 1
        else:
            try:
                resource = tell(Taken(row))
            except KeyError as error:
                raise Unreadable(f"has no column {error}") from error
            _name(gathering.pile, resource)
            yield from gathering.lay(file.name, 0, None, resource)


def _name(pile: Pile, resource: Json) -> None:
    """Number rows that agree in all that names them, such as two values of one test at one moment."""
    first, number = resource["id"], 1
    while (there := pile.content(resource["resourceType"], resource["id"])) and there != told(resource):
        number += 1
        resource["id"] = f"{first}|{number}"


class Taken:
    """A row whose columns are taken one by one; what is not taken is left for the report."""

    def __init__(self, row: Row) -> None:
        self._row = dict(row)

    def __getitem__(self, column: str) -> str:
        """The text of a column. Raises `KeyError` where the file has none of this name."""
        return self._row.pop(column).strip()

    def get(self, column: str) -> str:
        """The text of a column that not every release of Synthea writes."""
        return self._row.pop(column, "").strip()

    def rest(self) -> Json:
        """Columns with a text that nobody took."""
        return {column: text for column, text in self._row.items() if text.strip()}


def _resource(kind: str, id: str, row: Taken, **elements: Any) -> Json:
    told = {name: value for name, value in elements.items() if value not in ("", None, [], {})}
    return {"resourceType": kind, "id": id, **told, **row.rest()}


def _concept(code: str, text: str, system: str) -> Json:
    return {"coding": [{"system": system, "code": code, "display": text}], "text": text} if code or text else {}


def _to(kind: str, id: str) -> Json:
    return {"reference": f"{kind}/{id}"} if id else {}


def _patient(row: Taken) -> Json:
    given = [row["FIRST"], row.get("MIDDLE")]
    family, maiden = row["LAST"], row["MAIDEN"]
    others = [{"use": "maiden", "family": maiden, "given": given[:1]}] if maiden else []
    address = {
        "line": [row["ADDRESS"]],
        "city": row["CITY"],
        "postalCode": row["ZIP"],
        "state": row["STATE"],
        "district": row["COUNTY"],
    }
    return _resource(
        "Patient",
        row["Id"],
        row,
        name=[{"use": "official", "family": family, "given": [part for part in given if part]}, *others],
        birthDate=row["BIRTHDATE"],
        deceasedDateTime=row["DEATHDATE"],
        gender=_SEX.get(row["GENDER"], "unknown"),
        maritalStatus={"coding": [{"code": status}]} if (status := row["MARITAL"]) else {},
        identifier=[
            {"system": system, "value": value} for column, system in _IDENTIFIERS.items() if (value := row[column])
        ],
        address=[address],
    )


def _practitioner(row: Taken) -> Json:
    return _resource(
        "Practitioner", row["Id"], row, name=[{"text": row["NAME"]}], gender=_SEX.get(row["GENDER"], "unknown")
    )


def _encounter(row: Taken) -> Json:
    return _resource(
        "Encounter",
        row["Id"],
        row,
        status="finished",
        subject=_to("Patient", row["PATIENT"]),
        participant=[{"individual": _to("Practitioner", row["PROVIDER"])}],
        period={"start": row["START"], "end": row["STOP"]},
        type=[_concept(row["CODE"], row["DESCRIPTION"], _SNOMED)],
        reasonCode=[_concept(row["REASONCODE"], row["REASONDESCRIPTION"], _SNOMED)],
        **{"class": {"code": row["ENCOUNTERCLASS"]}},
    )


def _condition(row: Taken) -> Json:
    patient, encounter, start, stop, code = (row[c] for c in ("PATIENT", "ENCOUNTER", "START", "STOP", "CODE"))
    system = row.get("SYSTEM")
    return _resource(
        "Condition",
        f"{patient}|{encounter}|{code}|{start}",
        row,
        subject=_to("Patient", patient),
        encounter=_to("Encounter", encounter),
        code=_concept(code, row["DESCRIPTION"], _SYSTEMS.get(system, system) or _SNOMED),
        verificationStatus={"coding": [{"code": "confirmed"}]},
        clinicalStatus={"coding": [{"code": "resolved" if stop else "active"}]},
        onsetDateTime=start,
        abatementDateTime=stop,
    )


def _observation(row: Taken) -> Json:
    patient, encounter, at, code = (row[column] for column in ("PATIENT", "ENCOUNTER", "DATE", "CODE"))
    value, unit, numeric = row["VALUE"], row["UNITS"], row["TYPE"] == "numeric"
    return _resource(
        "Observation",
        f"{patient}|{encounter}|{code}|{at}",
        row,
        status="final",
        subject=_to("Patient", patient),
        encounter=_to("Encounter", encounter),
        effectiveDateTime=at,
        category=row.get("CATEGORY"),
        code=_concept(code, row["DESCRIPTION"], measures.LOINC),
        valueQuantity={"value": _number(value), "unit": unit} if numeric else {},
        valueString="" if numeric else value,
    )


def _number(value: str) -> float | str:
    try:
        number = float(value)
    except ValueError:
        return value
    return number if math.isfinite(number) else value


def _medication(row: Taken) -> Json:
    patient, encounter, start, stop, code = (row[c] for c in ("PATIENT", "ENCOUNTER", "START", "STOP", "CODE"))
    return _resource(
        "MedicationRequest",
        f"{patient}|{encounter}|{code}|{start}",
        row,
        status="stopped" if stop else "active",
        intent="order",
        subject=_to("Patient", patient),
        encounter=_to("Encounter", encounter),
        authoredOn=start,
        medicationCodeableConcept=_concept(code, row["DESCRIPTION"], _RXNORM),
        reasonCode=[_concept(row["REASONCODE"], row["REASONDESCRIPTION"], _SNOMED)],
        note=[{"text": f"until {stop}"}] if stop else [],
    )


def _allergy(row: Taken) -> Json:
    patient, encounter, start, code = (row[column] for column in ("PATIENT", "ENCOUNTER", "START", "CODE"))
    system, words = row.get("SYSTEM"), row["DESCRIPTION"]
    return _resource(
        "AllergyIntolerance",
        f"{patient}|{encounter}|{code}|{start}",
        row,
        patient=_to("Patient", patient),
        encounter=_to("Encounter", encounter),
        recordedDate=start,
        code=_concept(code, words, _SYSTEMS.get(system, system) or _SNOMED),
    )


_TOLD: dict[str, Callable[[Taken], Json]] = {
    "patients": _patient,
    "providers": _practitioner,
    "encounters": _encounter,
    "conditions": _condition,
    "observations": _observation,
    "medications": _medication,
    "allergies": _allergy,
}
"""File -> how one of its rows is told."""
