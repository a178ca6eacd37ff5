"""What a typed line says, in both forms."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from hmis.console.grammar import Bare, NotUnderstood, dotted, is_dotted, listed, plain
from hmis.console.references import Seen, short
from hmis.core.columns import new_id

NAMES = some.from_regex(r"[a-z_]{1,12}", fullmatch=True)
VALUES = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=40),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("rest", "words", "named"),
    [
        ("Patient", [], {}),
        ("Patient 104226784", ["104226784"], {}),
        (
            "Patient given_name=Ada sex=female age_years=30",
            [],
            {"given_name": "Ada", "sex": "female", "age_years": "30"},
        ),
        ('Patient given_name="Ada Obi"', [], {"given_name": "Ada Obi"}),
        ("Patient family_name='O\"Neill'", [], {"family_name": 'O"Neill'}),
        ('Patient address="12 \\"B\\" Road\\nEnugu"', [], {"address": '12 "B" Road\nEnugu'}),
        (
            'Patient next_of_kin={"name": "Emeka Obi", "phone": "0803"}',
            [],
            {"next_of_kin": {"name": "Emeka Obi", "phone": "0803"}},
        ),
        ('Patient 104226784 {"phone": "0803 555"}', ["104226784", {"phone": "0803 555"}], {}),
        ("Patient 104226784 wrong patient", ["104226784", "wrong", "patient"], {}),
        ('Dispense lines=[{"line_id": "x", "quantity": 5}]', [], {"lines": [{"line_id": "x", "quantity": 5}]}),
        ("Patient phone=", [], {"phone": ""}),
        ("Patient email=a=b", [], {"email": "a=b"}),
        ("Patient given_name=Adébáyọ̀", [], {"given_name": "Adébáyọ̀"}),
    ],
)
def test_a_plain_line_says_its_words_and_its_named_values(rest: str, words: list[Any], named: dict[str, Any]) -> None:
    said = plain("create", rest)
    assert (said.class_name, said.words, said.named) == ("Patient" if "Patient" in rest else "Dispense", words, named)


def test_a_word_without_quotes_is_told_from_a_text_in_quotes() -> None:
    said = plain("create", 'VitalSign pulse_per_min=80 oxygen_device="80"')
    assert isinstance(said.named["pulse_per_min"], Bare)
    assert not isinstance(said.named["oxygen_device"], Bare)


@pytest.mark.parametrize(
    ("line", "verb", "words", "named"),
    [
        ("Patient.all()", "all", [], {}),
        ('Patient.show("104226784")', "show", ["104226784"], {}),
        ("Patient.show('104226784')", "show", ["104226784"], {}),
        ("Patient.show(104226784)", "show", [104226784], {}),
        (
            'Patient.update("1", {"phone": "0803", "confirmed": true})',
            "update",
            ["1", {"phone": "0803", "confirmed": True}],
            {},
        ),
        ('Patient.update("1", "phone", null)', "update", ["1", "phone", None], {}),
        ('  Patient . find ( "ade" )  ', "find", ["ade"], {}),
        (
            'VitalSign.create({"temperature_celsius": 36.8, "pain_0_10": 0}, patient="1")',
            "create",
            [{"temperature_celsius": 36.8, "pain_0_10": 0}],
            {"patient": "1"},
        ),
        ('Visit.update("x", to="triage")', "update", ["x"], {"to": "triage"}),
    ],
)
def test_a_call_says_the_same(line: str, verb: str, words: list[Any], named: dict[str, Any]) -> None:
    assert is_dotted(line)
    said = dotted(line)
    assert (said.verb, said.words, said.named) == (verb, words, named)


@pytest.mark.parametrize(
    "line",
    [
        "Patient.show(",
        "Patient.show(000000013)",
        "Patient.show(Ada)",
        "Patient.show(open('x'))",
        "Patient.show(__import__('os').system('true'))",
        "Patient.show('a' + 'b')",
        "Patient.show(f'{1}')",
        "Patient.show(b'x')",
        "Patient.show(...)",
        "Patient.show(1j)",
        "Patient.show(*['x'])",
        "Patient.show(**{'x': 1})",
        "Patient.show({1: 2})",
        "Patient.show({'a': 1, 'a': 2})",
        "Patient.show({**{'a': 1}})",
        "Patient.all().show()",
        "Patient.show(" + "[" * 100 + "]" * 100 + ")",
        "Patient.show(" + "(" * 100_000,
        "Patient.show('\0')\0",
    ],
)
def test_a_call_that_is_more_than_plain_values_is_not_understood(line: str) -> None:
    with pytest.raises(NotUnderstood):
        dotted(line)


@pytest.mark.parametrize(
    "rest",
    [
        'Patient given_name="Ada',
        "Patient given_name='Ada",
        'Patient x={"a": 1',
        'Patient x={"a": 1, "a": 2}',
        "Patient x=[NaN]",
        "Patient x=1 x=2",
        "Patient x=" + "[" * 100 + "]" * 100,
        "Patient x=" + "[" * 90_000,
        "Patient " + "x" * 100_001,
    ],
)
def test_a_plain_line_that_can_be_read_in_no_way_or_two_is_not_understood(rest: str) -> None:
    with pytest.raises(NotUnderstood):
        plain("create", rest)


@given(some.dictionaries(NAMES, VALUES, max_size=5))
def test_whatever_was_said_is_shown_as_it_can_be_typed_again(values: dict[str, Any]) -> None:
    said = plain("create", f"Patient {listed(values)}").named
    whole = {name: value for name, value in values.items() if isinstance(value, str | list | dict)}
    assert {name: said[name] for name in whole} == whole
    rest = values.keys() - whole.keys()
    assert {name: json.loads(said[name]) for name in rest} == {name: values[name] for name in rest}
    assert listed(said) == listed(values)


@given(some.dictionaries(NAMES, VALUES, max_size=5), some.text(max_size=40))
def test_a_call_brings_every_text_and_number_through(values: dict[str, Any], id: str) -> None:
    line = f"Patient.update({id!r}, {json.dumps(values)})"
    assert dotted(line).words == [id, values]


@given(some.text(max_size=200))
def test_no_text_breaks_the_reading(text: str) -> None:
    for read in (lambda: plain("create", text), lambda: dotted(text), lambda: dotted(f"Patient.show({text})")):
        with suppress(NotUnderstood):
            read()


def test_a_short_id_means_what_was_shown_and_nothing_else() -> None:
    seen, first, second = Seen(), new_id(), new_id()
    with pytest.raises(NotUnderstood, match="shown here lately"):
        seen.full(short(first))
    seen.note("VitalSign", first, short(first))
    seen.note("NurseNote", second, short(second))
    assert seen.full(short(first).upper()) == str(first)
    assert seen.full("104226784") == "104226784"
    assert seen.full(str(second)) == str(second)
    assert seen.class_of(short(second)) == "NurseNote"


def test_a_short_id_that_two_things_share_is_not_guessed() -> None:
    seen, first = Seen(), new_id()
    twin = type(first)(int=first.int ^ (1 << 100))
    seen.note("VitalSign", first, short(first))
    seen.note("VitalSign", twin, short(twin))
    with pytest.raises(NotUnderstood, match="say which"):
        seen.full(short(first))
