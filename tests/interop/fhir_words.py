"""FHIR resources in few words."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


def bundle(*resources: Json) -> Json:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": resource} for resource in resources]}


def patient(id: str = "ada", **more: Any) -> Json:
    told = {"name": [{"family": "Okafor", "given": ["Ada"]}], "gender": "female", "birthDate": "1990-03-12"}
    return {"resourceType": "Patient", "id": id, **told, **more}


def practitioner(id: str = "eze", **more: Any) -> Json:
    return {"resourceType": "Practitioner", "id": id, "name": [{"family": "Eze", "given": ["Ngozi"]}], **more}


def encounter(id: str = "visit", subject: str = "Patient/ada", at: str = "2020-05-04T09:00:00Z", **more: Any) -> Json:
    return {
        "resourceType": "Encounter",
        "id": id,
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": {"reference": subject},
        "period": {"start": at},
        **more,
    }


def concept(code: str, words: str = "", system: str = "http://snomed.info/sct") -> Json:
    return {"coding": [{"system": system, "code": code}], "text": words or code}


def condition(id: str = "malaria", subject: str = "Patient/ada", **more: Any) -> Json:
    return {
        "resourceType": "Condition",
        "id": id,
        "subject": {"reference": subject},
        "code": concept("61462000", "Malaria"),
        "verificationStatus": {"coding": [{"code": "confirmed"}]},
        **more,
    }


def quantity(value: Any, unit: str | None = None) -> Json:
    return {"value": value, **({"unit": unit, "code": unit, "system": UCUM} if unit else {})}


def observation(id: str, code: str, value: Any = None, unit: str | None = None, **more: Any) -> Json:
    told: Json = {
        "resourceType": "Observation",
        "id": id,
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "subject": {"reference": "Patient/ada"},
        "effectiveDateTime": "2020-05-04T09:05:00Z",
    }
    if value is not None:
        told["valueQuantity"] = quantity(value, unit)
    return {**told, **more}


def pressure(id: str, systolic: Any, diastolic: Any, unit: str | None = "mm[Hg]", **more: Any) -> Json:
    def component(code: str, value: Any) -> Json:
        return {"code": {"coding": [{"system": LOINC, "code": code}]}, "valueQuantity": quantity(value, unit)}

    return observation(id, "85354-9", component=[component("8480-6", systolic), component("8462-4", diastolic)], **more)


def order(id: str = "coartem", subject: str = "Patient/ada", **more: Any) -> Json:
    return {
        "resourceType": "MedicationRequest",
        "id": id,
        "status": "completed",
        "intent": "order",
        "subject": {"reference": subject},
        "medicationCodeableConcept": concept("847728", "Artemether 20 MG / Lumefantrine 120 MG Oral Tablet", RXNORM),
        "authoredOn": "2020-05-04T09:20:00Z",
        **more,
    }
