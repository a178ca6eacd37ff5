"""What the server says to a person, it can say in French."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import TypeAdapter, ValidationError

import hmis
from hmis.core.access import Permission
from hmis.core.errors import every_refusal
from hmis.core.guard import UnlawfulStatement
from hmis.core.records import FixedColumn
from hmis.core.tongue import FRENCH
from hmis.prescriptions.administration import ROUTES
from hmis.prescriptions.cautions import HIGH_ALERT
from hmis.prescriptions.doses import UNITS, Dimension, plural
from hmis.prescriptions.frequencies import FREQUENCIES
from hmis.prescriptions.sentences import SENTENCES
from hmis.visits.policy import SAID
from hmis.vitals import plausible
from tests.conftest import Person

SOURCE = Path(hmis.__file__).parent
COMMANDS = {"console", "demo", "interop", "migrations", "upkeep"}
"""What speaks to whoever runs the server, in English, and not through the API."""
FRENCH_OF_SCREENS = SOURCE.parent / "web/src/lib/i18n/fr.json"
SLIPS = (FixedColumn, UnlawfulStatement)
"""What tells a programmer that the laws of the record stand in the way: no request leads there."""
PLACE = re.compile(r"\{\d+\}")


def _sentences(node: ast.expr) -> Iterator[str]:
    """The sentences that an expression can be, with something in each of their places."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else "X7" for part in node.values)  # type: ignore[misc]
    elif isinstance(node, ast.IfExp):
        yield from _sentences(node.body)
        yield from _sentences(node.orelse)


def _refused(tree: ast.AST, kinds: set[str]) -> Iterator[str]:
    """What stands in `raise Conflict("…", fields={"…": "…"})`, and in `yield "field", "…"`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and _name(node.exc.func) in kinds:
            told = [*node.exc.args[:1]]
            for keyword in node.exc.keywords:
                if keyword.arg == "fields" and isinstance(keyword.value, ast.Dict):
                    told += keyword.value.values
            for one in told:
                yield from _sentences(one)
        if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple) and len(node.value.elts) == 2:
            yield from (said for said in _sentences(node.value.elts[1]) if " " in said)


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else ""


def _files() -> list[Path]:
    return [
        file
        for file in sorted(SOURCE.rglob("*.py"))
        if len(parts := file.relative_to(SOURCE).parts) > 1 and parts[0] not in COMMANDS
    ]


def test_every_refusal_and_question_that_stands_in_the_source_is_there_in_french() -> None:
    refusals = {kind.__name__ for kind in every_refusal() if kind not in SLIPS} | {"_weak"}
    missing = []
    for file in _files():
        # A body that is wrong is refused by `ValueError`; elsewhere that is a slip of a programmer.
        kinds = refusals | ({"ValueError"} if file.name == "schemas.py" or file.parent.name == "people" else set())
        said = _refused(ast.parse(file.read_text(encoding="utf-8")), kinds)
        said = (one for one in said if one.replace("X7", "").strip(":; "))  # `{field}: {why}` has no words of its own
        missing += [f"{file.relative_to(SOURCE)}: {one}" for one in said if not FRENCH.knows(one)]
    assert not missing


def test_every_sentence_of_a_table_is_there_in_french() -> None:
    tables = [
        [permission.says for permission in Permission],
        [kind.title for kind in every_refusal()],
        SENTENCES.values(),
        plausible.exported()["sentences"].values(),
        [unit.say for units in plausible.OTHER_UNITS.values() for unit in units],
        SAID.values(),
        {alert.why for alert in HIGH_ALERT.values()},
        {plural(unit.name) for unit in UNITS.values() if unit.dimension is Dimension.COUNT},
    ]
    assert not [said for table in tables for said in table if said not in FRENCH.sentences]


def test_no_value_is_lost_or_made_up_in_french() -> None:
    for english, found in FRENCH.sentences.items():
        for french in [found] if isinstance(found, str) else found.values():
            assert set(PLACE.findall(french)) <= set(PLACE.findall(english)), english
            # What is at fault about a text or a number, Pydantic tells in terms of its own.
            told_otherwise = english.startswith("Input should be") and "'" not in english
            assert told_otherwise or set(PLACE.findall(english)) <= set(PLACE.findall(french)), english


def test_what_server_and_screens_both_say_is_the_same_french() -> None:
    screens = json.loads(FRENCH_OF_SCREENS.read_text(encoding="utf-8"))
    both = {
        said: (french, screens[said])
        for said, french in FRENCH.sentences.items()
        if PLACE.search(said) and said in screens
    }
    assert {said for said, (ours, theirs) in both.items() if ours != theirs} == set()
    assert both


def test_a_medicine_line_has_the_same_french_words_on_server_and_screens() -> None:
    screens = json.loads(FRENCH_OF_SCREENS.read_text(encoding="utf-8"))
    named = {_bare(english): french for english, french in screens.items()}
    ours = [frequency.words for frequency in FREQUENCIES.values() if "hours" not in frequency.words]
    ours += [*ROUTES, "as required", "as required: {0}", "max {0} in 24 hours", "DOSE {0}", "for {0} days"]
    ours += [f"{{0}}\xa0{unit}" for unit in _units()]
    for english in ours:
        said, shown = FRENCH.sentences[english], named[_bare(english)]
        for form in ("one", "other"):
            one = said if isinstance(said, str) else said[form]
            other = shown if isinstance(shown, str) else shown[form]
            assert _bare(one) == _bare(other), english


def _bare(sentence: str) -> str:
    """A place has a number here and a name there, and a unit is kept at its number there when it is shown."""
    return re.sub(r"\{\w+\}", "{}", sentence).replace("\xa0", " ")


def _units() -> set[str]:
    """Units that are words, as a line says more than one."""
    counted = {plural(unit.name) for unit in UNITS.values() if unit.dimension is Dimension.COUNT}
    return counted | {"micrograms", "nanograms", "units", "million units"}


@pytest.mark.parametrize("choices", [("low",), ("low", "high"), ("low", "middle", "high")])
def test_a_choice_refused_in_french_tells_what_may_be_chosen(choices: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(Literal[choices]).validate_python("none of them")
    english = refused.value.errors()[0]["msg"]
    french = FRENCH.say(english)
    assert french == english.replace("Input should be", "choisissez").replace(" or ", " ou ")
    assert all(f"'{choice}'" in french for choice in choices)


@pytest.mark.parametrize(
    ("english", "french"),
    [
        (
            "DOSE 2 tablets – oral – every 6 hours – as required: pain – max 8 tablets in 24 hours – for 1 day",
            "DOSE 2 comprimés – voie orale – toutes les 6 heures – au besoin : pain – au plus 8 comprimés en 24 heures"
            " – pendant 1 jour",
        ),
        ("DOSE 1.5 tablets – oral – for 10 days", "DOSE 1.5 comprimé – voie orale – pendant 10 jours"),
        ("DOSE 1 tablet – with food", "DOSE 1 comprimé – with food"),
        ("DOSE 1,200,000 units – intramuscular", "DOSE 1\u202f200\u202f000 unités – voie intramusculaire"),
    ],
)
def test_directions_inside_a_sentence_are_in_french_but_for_what_somebody_typed(english: str, french: str) -> None:
    kept = re.sub(r"(?<=\d) (?=tablet|unit)", "\xa0", english)
    told = FRENCH.say(f"amoxicillin 500 mg capsule was changed by the prescriber since you looked: {kept}")
    told = told.replace("\xa0", " ")
    assert told == f"amoxicillin 500 mg capsule a été modifié par le prescripteur depuis votre lecture : {french}"


def test_whoever_asks_for_french_is_refused_in_french(nurse: Person, patient: dict[str, Any]) -> None:
    fever = {"taken_at": None, "temperature_celsius": 98.6, "pulse_per_min": "fast"}
    told = {}
    for tongue in ("en", "fr-CM, en;q=0.5", "ha"):
        answer = nurse.post(f"/patients/{patient['id']}/vitals", fever, headers={"Accept-Language": tongue})
        assert answer.status_code == 422
        told[tongue] = answer.json
    french = told["fr-CM, en;q=0.5"]
    assert french["code"] == told["en"]["code"] == "Invalid"
    assert french["title"] == "Veuillez vérifier ce qui est saisi"
    assert french["fields"]["temperature_celsius"].startswith("98.6 semble être en °F")
    assert french["fields"]["temperature_celsius"] in french["detail"], "the whole is made of the parts"
    assert told["ha"]["detail"] == told["en"]["detail"], "a language the server does not speak is English"


def test_a_french_administrator_reads_what_each_permission_allows_in_french(admin: Person) -> None:
    answer = admin.send("GET", "/roles", headers={"Accept-Language": "fr"})
    said = {one["permission"]: one["says"] for one in answer.json["permissions"]}
    assert said["prescriptions:write"] == "Prescrire."


@pytest.mark.parametrize(
    ("english", "french"),
    [
        (
            "locked since 04-May-2026 08:00; add an addendum",
            "verrouillé depuis le 04-mai-2026 08:00 ; ajoutez un addendum",
        ),
        ("1,200 tablets to hand out: is it so?", "1\u202f200 comprimés à délivrer : est-ce exact ?"),
        ("already waiting since 09:10, moved by Ada Obi", "déjà : en attente depuis 09:10, par Ada Obi"),
    ],
)
def test_what_stands_in_a_sentence_is_said_in_french_too(english: str, french: str) -> None:
    assert FRENCH.say(english).replace("\xa0", " ") == french


def test_a_refusal_of_many_fields_is_cut_between_them_and_is_french_to_its_end(pharmacist: Person) -> None:
    body = {"generic_name": "digoxin", "strength": "250 micrograms", **{f"strange_{n}": 1 for n in range(40)}}
    told = {
        tongue: pharmacist.post("/drugs", body, headers={"Accept-Language": tongue}).json for tongue in ("en", "fr")
    }
    assert told["en"]["detail"].endswith("; …")
    for problem in told.values():
        *whole, last = problem["detail"].split("; ")
        assert last == "…"
        assert len(whole) > 1
        for part in whole:
            name, why = part.split(": ", 1)
            assert problem["fields"][name] == why
    assert told["fr"]["fields"]["strange_0"] != told["en"]["fields"]["strange_0"]
