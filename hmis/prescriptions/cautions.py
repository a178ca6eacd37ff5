"""Drugs that do the most harm when they are misdosed or confused: which they are, and how their names are shown.

High-alert: a selection of the ISMP List of High-Alert Medications in Acute Care Settings (2018) and in Community and
Ambulatory Care Settings (2021). Taken over whole are insulin, opioids, antithrombotics, chemotherapy with oral
methotrexate, concentrated potassium, magnesium sulfate, neuromuscular blockers and anaesthetics. Left out is what is
high-alert by one route alone and common by another (adrenaline, digoxin, hypertonic saline and glucose, promethazine),
and the sulfonylureas: a warning on every second line would be read by nobody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HighAlert:
    """A drug to be prescribed step by step, with the reason."""

    name: str
    why: str
    weekly: bool = False
    """By mouth it is nearly always taken once a week: daily has killed people (ISMP Best Practice 2)."""


def _all(why: str, *names: str) -> dict[str, HighAlert]:
    return {name: HighAlert(name, why) for name in names}


LESS_THAN_DAILY = ("weekly", "fortnightly", "monthly", "stat")
"""Codes of `frequencies` that are safe for what is taken once a week."""
REASON_LETTERS = 10
"""So many letters of instructions at least, where such a drug is written more often all the same."""

HIGH_ALERT: dict[str, HighAlert] = {
    "methotrexate": HighAlert("methotrexate", "chemotherapy", weekly=True),
    **_all("insulin", "insulin"),
    **_all(
        "opioid", "morphine", "diamorphine", "fentanyl", "alfentanil", "remifentanil", "sufentanil", "pethidine",
        "meperidine", "tramadol", "codeine", "dihydrocodeine", "oxycodone", "hydrocodone", "hydromorphone", "methadone",
        "buprenorphine", "pentazocine", "tapentadol",
    ),
    **_all(
        "antithrombotic", "warfarin", "heparin", "enoxaparin", "dalteparin", "tinzaparin", "fondaparinux",
        "rivaroxaban", "apixaban", "dabigatran", "edoxaban", "alteplase", "tenecteplase", "streptokinase",
    ),
    **_all(
        "electrolyte", "potassium chloride", "potassium phosphate", "kcl", "magnesium sulfate", "magnesium sulphate"
    ),
    **_all(
        "chemotherapy", "bleomycin", "busulfan", "capecitabine", "carboplatin", "chlorambucil", "cisplatin",
        "cyclophosphamide", "cytarabine", "dacarbazine", "dactinomycin", "daunorubicin", "docetaxel", "doxorubicin",
        "epirubicin", "etoposide", "fluorouracil", "gemcitabine", "hydroxycarbamide", "hydroxyurea", "ifosfamide",
        "imatinib", "irinotecan", "melphalan", "mercaptopurine", "oxaliplatin", "paclitaxel", "temozolomide",
        "vinblastine", "vincristine", "vinorelbine",
    ),
    **_all(
        "neuromuscular blocker", "suxamethonium", "succinylcholine", "atracurium", "cisatracurium", "pancuronium",
        "rocuronium", "vecuronium",
    ),
    **_all("anaesthetic", "ketamine", "propofol", "thiopental", "thiopentone", "etomidate", "bupivacaine"),
}  # fmt: skip
"""By generic name."""

ERROR_PRONE: dict[str, str] = {
    "ms": "morphine sulfate or magnesium sulfate",
    "mso4": "morphine sulfate",
    "mgso4": "magnesium sulfate",
    "znso4": "zinc sulfate",
    "mtx": "methotrexate",
    "azt": "zidovudine",
    "cpz": "chlorpromazine",
    "hct": "hydrocortisone",
    "hctz": "hydrochlorothiazide",
    "ptu": "propylthiouracil",
}
"""Short names of drugs that were taken for another drug, with what to write. ISMP list of error-prone abbreviations."""

TALL_MAN: tuple[tuple[str, ...], ...] = (
    ("hydrALAZINE", "hydrOXYzine"),
    ("cefTRIAXone", "ceFAZolin", "cefOTAXime"),
    ("DOPamine", "DOBUTamine"),
    ("vinBLAStine", "vinCRIStine"),
    ("chlorproMAZINE", "chlorproPAMIDE"),
    ("predniSONE", "prednisoLONE"),
    ("glipiZIDE", "glyBURIDE"),
    ("metFORMIN", "metroNIDAZOLE"),
    ("EPINEPHrine", "ePHEDrine"),
    ("NIFEdipine", "niCARdipine"),
)
"""Names taken for each other, as they are shown; stored, searched and read aloud they stay plain. FDA and ISMP list."""


def high_alert(text: str) -> HighAlert | None:
    """The high-alert drug that a text names as whole words, if it names one."""
    said = f" {' '.join(re.findall('[a-z]+', text.lower()))} "
    return next((alert for name, alert in HIGH_ALERT.items() if f" {name} " in said), None)
