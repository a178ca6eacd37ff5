"""What people, machines and vandals type: every kind of it into every field, address and header of the API.

Whatever is sent, nothing breaks (no 5xx), a refusal is problem+json and stores nothing, and a text that is taken comes
back letter for letter. The fields are read off the declared bodies. `HMIS_ALL_BAD_INPUT=1` sends every value to every
field; otherwise the first field of its kind in a body gets all values made for that kind, and each further field, and
each kind from the other kinds' values, every eleventh by turns.
"""

from __future__ import annotations

import gzip
import json
import os
import unicodedata
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from pydantic import BaseModel
from werkzeug.test import TestResponse

from hmis.core.access import Role
from hmis.core.http import Route
from hmis.core.store import Store
from tests.conftest import Person, some_id
from tests.everything import (
    CHART,
    ROUTES,
    SINGLE,
    Committed,
    Made,
    Work,
    committed,
    example,
    filled,
    names,
    told,
)

ALL = bool(os.environ.get("HMIS_ALL_BAD_INPUT"))
STRIDE = 11
"""How many turns it takes until a value comes round again."""
NOT_JSON = ("1e309", "-1e309", "NaN", "Infinity", "-Infinity", "01", "0x10", "'x'", "undefined")
"""What stands in a body as it is; Python's own `json` would take some of it."""
RAW = tuple(f"@{text}@" for text in NOT_JSON)
TYPES: tuple[Any, ...] = (None, True, False, [], {}, [None], [[]], {"a": 1}, "", " ", "1", "true", "null", 0, 1)
NUMBERS: tuple[Any, ...] = (
    *(-1, -0.0, 1.5, 1e-9, 1e308, 2**31, 2**63, 2**64, 2755863305703276790381268697088, 10**4000),
    *("1,5", "1e3", "½", "٣", "1_000", "+1", "0x1f"),
)
TEXTS: tuple[str, ...] = (
    *("nul \0 byte", "half a pair \ud800", "the other half \udc00", "bell \a", "delete \x7f", "next line \x85"),
    *("right to left \u202eevil", "zero\u200bwidth \ufeff", "no character \uffff \U0010ffff", "line \u2028 separator"),
    *("combining flood e" + "\u0301" * 300, "👩🏾\u200d⚕️🇳🇬 𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "e\u0301 and \u00e9 are twins"),
    *("ẹ́ọ̀ṣ Ẹniọlá ı İ ß ﬁ Ǆ Ƙasim Ɓaba", "李小龍 ابن سينا नमस्ते", "O'Brien", "Null", "-", "\\"),
    *("=cmd|' /C calc'!A0 @SUM(1)", "${7*7} {{7*7}} %n%s%x", "'; DROP TABLE patients; -- 1 OR 1=1"),
    *(
        'x" onload="alert(1) <script>alert(1)</script>',
        "a\r\nSet-Cookie: hmis_session=x",
        "../../../etc/passwd ..\\boot.ini",
    ),
    *("a" * 129, "a" * 241, "a" * 20_001, "x y" * 7_000, "a" * 300_000),
)
DAYS: tuple[Any, ...] = (
    *("0000-00-00", "2024-13-01", "2023-02-29", "2024-02-30", "9999-12-31", "10000-01-01", "1850-01-01", "0001-01-01"),
    *("2026-11-24T24:00:00Z", "2026-11-24T08:00:00", "2026-11-24T08:00:00+25:00", "2026-11-24T08:00:60Z"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2024-03-31T01:30:00+01:00", "24.11.2026", "today"),
    *(1764000000, -62135596801, 1e18, "1764000000", "2026-W48-2", "20261124", "2026-11-24T08:00Z"),
)
IDS: tuple[Any, ...] = (
    *("0" * 32, "{" + some_id() + "}", some_id().upper(), f"urn:uuid:{some_id()}", "DOC9999", "123456789"),
    *("00000000-0000-0000-0000-000000000000", some_id()[:-1], some_id() + "0"),
)
OWN_FORM = frozenset({"phone", "code", "frequency", "dose_unit", "email", "clinic", "username", "patient_id"})
NOT_SHOWN = frozenset({"reason", "confirmed_reason", "taken_at", "occurred_at", "deceased_at"})
"""Fields kept in a form of their own, which the tests of their domain say: E.164, a WHO code, one space."""
ONE_SPACE = frozenset({"generic_name", "brand_name", "strength", "form", "route"})
"""Fields of one line, in which any space is one space."""
ADDRESSED = ("limit", "cursor", "q", "on", "since", "reason", "staff")


@pytest.fixture
def work(sign_in: Callable[[Role | str], Person]) -> Work:
    return Work(sign_in)


@pytest.fixture
def stored(store: Store) -> Iterator[Committed]:
    with committed(store.engine) as seen:
        yield seen


class Judge:
    """Looks at every answer, and says at the end which were wrong."""

    def __init__(self, stored: Committed) -> None:
        self.stored, self.wrong, self.asked = stored, list[str](), 0

    def see(self, answer: TestResponse, what: object) -> None:
        """One answer; what it was to."""
        self.asked += 1
        said = f"{what!s:.160}: {answer.status_code} {answer.text:.300}"
        if answer.status_code >= 500:
            self.wrong.append(f"broke: {said}")
        elif answer.status_code >= 400:
            if answer.content_type != "application/problem+json" or told(answer)["status"] != answer.status_code:
                self.wrong.append(f"no problem+json: {said}")
            if self.stored.statements:
                self.wrong.append(f"stored {self.stored.statements[0]:.80} with {said}")
        elif answer.data and answer.content_type != "application/json":
            self.wrong.append(f"{answer.content_type}: {said}")
        if answer.headers["X-Content-Type-Options"] != "nosniff" or "Set-Cookie" in (answer.json or {}):
            self.wrong.append(f"not harmless: {said}")
        self.stored.clear()

    def done(self) -> None:
        """Fails where anything was wrong."""
        assert self.asked > 20, "nothing was asked"
        assert not self.wrong, f"{len(self.wrong)} of {self.asked}:\n" + "\n".join(self.wrong[:30])


@pytest.fixture
def judge(stored: Committed) -> Judge:
    return Judge(stored)


# --- every field of every body ---


def kinds(schema: dict[str, Any], defs: dict[str, Any]) -> frozenset[str]:
    """What a field takes: string, integer, number, boolean, array, object, date, uuid."""
    found: set[str] = set()
    for part in [schema, *schema.get("anyOf", ()), *schema.get("allOf", ())]:
        part = defs.get(str(part.get("$ref", "")).rpartition("/")[2], part)
        kind = part.get("format", part.get("type"))
        found |= {"date" if kind in ("date", "date-time") else str(kind)} if kind else set()
    return frozenset(found)


class Values:
    """Values for one field after the other: all that are made for its kind, then every eleventh of everything."""

    def __init__(self) -> None:
        self.met: set[frozenset[str]] = set()
        self.turn = 0

    def of(self, taken: frozenset[str]) -> list[Any]:
        """The next field's."""
        made_for = {"string": TEXTS, "integer": NUMBERS, "number": NUMBERS, "date": DAYS, "uuid": IDS}
        own = [value for kind in taken for value in made_for.get(kind, ())]
        every = [value for values in (TYPES, RAW, TEXTS, NUMBERS, DAYS, IDS) for value in values]
        self.turn += 1
        some = every if ALL else every[self.turn % STRIDE :: STRIDE]
        new = taken not in self.met
        self.met.add(taken)
        return [*TYPES, *RAW, *own, *some] if new else some


def fields(model: type[BaseModel]) -> dict[str, frozenset[str]]:
    """The fields of a body and what each takes."""
    schema = model.model_json_schema()
    return {name: kinds(part, schema.get("$defs", {})) for name, part in schema["properties"].items()}


def inner(body: dict[str, Any], model: type[BaseModel]) -> Iterator[tuple[str, str, frozenset[str], dict[str, Any]]]:
    """The parts of a body that are bodies themselves: field, field of the part, its kind, and a part to begin from."""
    schema = model.model_json_schema()
    defs = schema.get("$defs", {})
    for name, part in schema["properties"].items():
        for way in [part, *part.get("anyOf", ())]:
            target = str(way.get("$ref") or way.get("items", {}).get("$ref") or "").rpartition("/")[2]
            parts = body.get(name) or [{}]
            begin: dict[str, Any] = parts[0] if isinstance(parts, list) else parts
            for field, inside in defs.get(target, {}).get("properties", {}).items():
                yield name, field, kinds(inside, defs), begin


def bodies() -> dict[str, list[Route]]:
    """By department, one route for each body that is sent in one way: all staff are hired with one body."""
    one = {(route.method, route.body): route for route in reversed(ROUTES) if route.body and route.needs}
    by_domain: dict[str, list[Route]] = {}
    for route in one.values():
        by_domain.setdefault(route.domain.name, []).append(route)
    return by_domain


def place(work: Work, route: Route) -> Made:
    """Something to send a body to."""
    steps = route.path.rpartition("/")[0] if route.path in SINGLE and route.method == "POST" else route.path
    return work.make(steps)


def send(person: Person, route: Route, made: Made, body: Any) -> TestResponse:
    """A body in which `NOT_JSON` stands as it is."""
    text = json.dumps(body)
    for raw in NOT_JSON:
        text = text.replace(f'"@{raw}@"', raw)
    where = filled(route.path, made.ids)
    return person.send(route.method, where, data=text.encode(), content_type="application/json")


def leaves(value: Any) -> Iterator[Any]:
    """Everything that is no list and no object in an answer."""
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from leaves(part)
    else:
        yield value


def comes_back(answer: TestResponse, field: str, value: Any) -> bool:
    """Whether a text that was taken is shown as it was sent, composed and without the spaces around it."""
    if not isinstance(value, str) or not value.strip() or field in OWN_FORM | NOT_SHOWN or answer.status_code >= 300:
        return True
    composed = unicodedata.normalize("NFC", value)
    forms = {value, composed.strip()} | ({" ".join(composed.split())} if field in ONE_SPACE else set())
    return bool(forms & {leaf for leaf in leaves(told(answer)) if isinstance(leaf, str)})


def every_case(model: type[BaseModel], body: dict[str, Any]) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Bodies with one wrong value each: in a field of theirs, or in one of their parts."""
    values, taken = Values(), fields(model)
    for name in taken:
        yield from ((name, value, {**body, name: value}) for value in values.of(taken[name]))
    for name, field, kind, begin in inner(body, model):
        for value in values.of(kind):
            part = {**begin, field: value}
            yield field, value, {**body, name: [part] if "array" in taken[name] else part}


@pytest.mark.parametrize("department", bodies())
def test_no_value_in_no_field_breaks_anything(work: Work, judge: Judge, department: str) -> None:
    for route in bodies()[department]:
        assert route.body is not None
        made = place(work, route)
        person = made.author if made.author in work.people_who_may(route) else work.people_who_may(route)[0]
        body = work.body(route, made.ids)
        for field, value, sent in every_case(route.body, body):
            judge.stored.clear()
            answer = send(person, route, made, sent)
            if answer.status_code == 409:  # it is there already, or ended: the next patient, please
                made = place(work, route)
                fresh = work.body(route, made.ids)
                sent |= {name: fresh[name] for name in body if sent.get(name) == body[name]}
                judge.stored.clear()
                answer = send(person, route, made, sent)
            judge.see(answer, (route.endpoint, field, value))
            if not comes_back(answer, field, value):
                judge.wrong.append(f"changed on the way: {route.endpoint} {field} {value!r:.80} {answer.text:.200}")
    judge.done()


def test_no_unknown_field_is_taken(work: Work, judge: Judge) -> None:
    """What the peers took: keys of the row, of the class, of a relationship, of a method."""
    unknown = ("id", "version", "author_id", "created_at", "voided_at", "metadata", "__class__", "_sa_instance_state")
    for routes in bodies().values():
        for route in routes:
            made = place(work, route)
            body = work.body(route, made.ids)
            for name in (*unknown, "", "a" * 10_000, "\0", "$where", "patient", "lines[0]", "drugs.0.dose"):
                if route.body is not None and name not in route.body.model_fields:
                    judge.stored.clear()
                    answer = send(work.people_who_may(route)[0], route, made, {**body, name: "x"})
                    judge.see(answer, (route.endpoint, name))
                    assert answer.status_code == 422, (route.endpoint, name, answer.text)
    judge.done()


@pytest.mark.parametrize("turning", ["\u202d", "\u202e"])
def test_no_text_is_read_in_another_order_than_it_is_stored(
    pharmacist: Person, nurse: Person, patient: dict[str, Any], turning: str
) -> None:
    """Behind such a character 05 mg is shown as 50 mg. Marks that only say which way a word runs are taken."""
    refused = pharmacist.post("/drugs", {"generic_name": "digoxin", "strength": f"{turning}gm 05"})
    assert (refused.status_code, "order of reading" in refused.text) == (422, True)
    note = {"kind": "progress", "text": f"Gave {turning}05"}
    assert nurse.post(f"/patients/{patient['id']}/nursenotes", note).status_code == 422
    mixed = {"kind": "progress", "text": "\u2067ابن سينا\u2069\u200f 5 mg"}
    assert told(nurse.post(f"/patients/{patient['id']}/nursenotes", mixed))["text"] == mixed["text"]


# --- every body as a whole ---

BROKEN = (
    *(b"", b"{", b"}", b"[]", b"[{}]", b"null", b"true", b"1", b'"x"', b'{"a":1', b'{"a":1}}', b'{"a":1}{"b":2}'),
    *(b'{"a":1,}', b"{'a':1}", b'{"a":1, "a":2}', b'{"a":NaN}', b'{"\\ud800":1}', b'{"a":"\x01"}', b'{"a":"\\u0000"}'),
    *(b"\xff\xfe{\x00}\x00", b"\xef\xbb\xbf{}", b"\x80abc", "{}".encode("utf-16"), "{}".encode("utf-32")),
    *(b"[" * 100_000, b'{"a":' * 5_000 + b"1" + b"}" * 5_000, b'{"a":' + b"[" * 500 + b"]" * 500 + b"}"),
    *(
        b'{"a":' + b"9" * 10_000 + b"}",
        b'{"a":1e' + b"9" * 400 + b"}",
        gzip.compress(b"{}"),
        gzip.compress(b" " * 10**7),
    ),
    *(b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", b"a=1&b=2"),
    b"\x89PNG\r\n\x1a\n",
)
KINDS_OF_BODY = (
    *("application/json; charset=utf-16", "application/json; charset=utf-7", "APPLICATION/JSON", "application/json;"),
    *("text/plain", "text/html", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "image/gif"),
    *("application/xml", "application/json, text/html", "application/jsonp", "*/*", "", "a" * 5_000),
)


def test_no_broken_body_breaks_anything(work: Work, judge: Judge) -> None:
    for route in [route for routes in bodies().values() for route in routes]:
        person, where = work.people_who_may(route)[0], place(work, route).at(route.path)
        judge.stored.clear()
        for body in BROKEN:
            answer = person.send(route.method, where, data=body, content_type="application/json")
            judge.see(answer, (route.endpoint, body))
            assert answer.status_code == 422, (route.endpoint, body)
    judge.done()


def test_what_is_not_sent_as_json_is_not_taken(work: Work, judge: Judge) -> None:
    patient = work.make(f"{CHART}/nursenotes/<uuid:id>")
    note = json.dumps({"kind": "progress", "text": "Slept well."}).encode()
    where = patient.at(f"{CHART}/nursenotes")
    judge.stored.clear()
    for kind in KINDS_OF_BODY:
        answer = patient.author.send("POST", where, data=note, content_type=kind)
        judge.see(answer, kind)
        assert answer.status_code == (201 if kind.lower().startswith("application/json;") or kind.isupper() else 422), (
            kind
        )
    for coding in ("gzip", "deflate", "br", "identity, gzip", "chunked"):
        answer = patient.author.send(
            "POST",
            where,
            data=gzip.compress(note),
            content_type="application/json",
            headers={"Content-Encoding": coding},
        )
        judge.see(answer, coding)
        assert answer.status_code == 422
    for length in ("-1", "abc", "1", str(2**63), "0", "99999999"):
        answer = patient.author.send(
            "POST", where, data=note, content_type="application/json", headers={"Content-Length": length}
        )
        judge.see(answer, length)
    assert patient.author.send("POST", where, data=b" " * 2_000_000, content_type="application/json").status_code == 413
    judge.done()


# --- every address ---


def test_no_question_in_no_address_breaks_anything(work: Work, judge: Judge) -> None:
    patient = work.make(CHART).ids
    texts = [value for value in (*TEXTS, *DAYS, *IDS, *NUMBERS) if len(str(value)) < 5_000 and value != 10**4000]
    for turn, route in enumerate(route for route in ROUTES if route.query and route.method == "GET"):
        assert route.query is not None
        where, person = work.make(route.path, ids=patient).at(), work.people_who_may(route)[0]
        judge.stored.clear()
        for place, name in enumerate(route.query.model_fields):
            for value in texts if ALL else texts[(turn + place) % 15 :: 15]:
                judge.see(asked(person, where, [(name, str(value))]), (route.endpoint, name, value))
            for value in ("", "null", "0", "-1", "201", "1e2", "[]", "%", "_"):
                judge.see(asked(person, where, [(name, value)]), (route.endpoint, name, value))
            twice = asked(person, where, [(name, "null"), (name, "null")])
            judge.see(twice, (route.endpoint, name, "twice"))
            assert twice.status_code == 422, (route.endpoint, name)
        for strange in ([("sort", "x")], [(f"p{n}", "x") for n in range(1_000)], [("limit[$gt]", "1")], [("", "")]):
            answer = asked(person, where, strange)
            judge.see(answer, (route.endpoint, strange[0]))
            assert answer.status_code == 422, (route.endpoint, strange[0])
    judge.done()


def asked(person: Person, where: str, questions: list[tuple[str, str]]) -> TestResponse:
    return person.send("GET", f"{where}?{urlencode(questions, errors='surrogatepass')}")


STRANGE = """
%00 .. . %2e%2e %2F %5c %0d%0aSet-Cookie:x=1 %ff %ed%a0%80 %zz ' " <b> null undefined 0 -1 NaN true [] {} * %25 %20 ~
2755863305703276790381268697088 ẹ́ọ̀ṣ ٣٣٣٣٣٣٣٣٣ １２３４５６７８９ 𝟙𝟚𝟛𝟜𝟝𝟞𝟟𝟠𝟡 %E2%80%AE123456789 000000000
12345678 DOC%00 DOC9999 doc9999 ＤＯＣ０００１ DOC٠٠٠١ DOC99999999999999"""
PIECES = (*STRANGE.split(), "123 456 789", "a" * 65, "a" * 3_000)


def test_no_piece_of_no_path_breaks_anything(work: Work, judge: Judge) -> None:
    """In the place of every id: text, other numbers, ids of another kind, in capitals and in braces."""
    for route in ROUTES:
        if not names(route.path) or route.path.startswith("/auth"):
            continue
        person = work.people_who_may(route)[0]
        ids = {name: some_id() for name in names(route.path)}
        body = example(route) if route.body else None
        for place, name in enumerate(ids):
            pieces = [*PIECES, *(str(value) for value in IDS)]
            for piece in pieces if ALL else pieces[place % 5 :: 5]:
                judge.see(
                    person.send(route.method, filled(route.path, {**ids, name: piece}), body), (route.path, piece)
                )
    judge.done()


# --- every header ---

HEADERS = {
    "Idempotency-Key": ("", " ", "a" * 201, "ẹ́", "a\x00b", "a b", '"', "null", "\xff", "a" * 8_000),
    "If-Match": ("", "*", '"', '""', "W/", "null", "0", "-1", "1.0", "9" * 400, '"1","2"', "W/W/1", "١", "٣", "true"),
    "If-None-Match": ("*", '"1"'),
    "X-CSRFToken": ("", "null", "a" * 8_000, "ẹ́", "IjEi.aaaa.bbbb"),
    "Cookie": (
        "hmis_session=",
        "hmis_session=null",
        "hmis_session=.eJw",
        "a" * 8_000,
        "hmis_session=a; hmis_session=b",
        ";;;=",
    ),
    "Origin": (
        "null",
        "",
        "https://elsewhere.example",
        "http://localhost.elsewhere.example",
        "http://localhost:80",
        "a" * 8_000,
    ),
    "Sec-Fetch-Site": ("cross-site", "none", "ẹ́"),
    "Host": ("elsewhere.example", "", "a" * 300, "localhost:99999", "[::1", "a b"),
    "X-Request-ID": ("", "a", "a" * 5_000, "../x", "<script>", "a\tb", "ẹ́"),
    "X-Forwarded-For": ("1.2.3.4", "a" * 5_000, "'; DROP TABLE staff; --"),
    "X-Forwarded-Host": ("elsewhere.example",),
    "X-HTTP-Method-Override": ("DELETE", "PUT"),
    "X-Background": ("1", "yes"),
    "User-Agent": ("", "a" * 8_000, "👩🏾‍⚕️", "\xff", "<script>"),
    "Accept": ("text/html", "image/*", "application/xml", "", "q=9"),
    "Accept-Language": ("yo", "a" * 5_000),
    "Range": ("bytes=0-1", "bytes=-1"),
    "Transfer-Encoding": ("chunked", "gzip", "chunked, chunked"),
    "Expect": ("100-continue", "x"),
    "Upgrade": ("websocket", "h2c"),
    "X-Long": ("a" * 8_192,),
}


def test_no_header_breaks_anything_and_none_comes_back(work: Work, judge: Judge) -> None:
    made = work.make(f"{CHART}/nursenotes/<uuid:id>")
    person, cookies = made.author, "hmis_session"
    signed_in = person.client.get_cookie(cookies)
    assert signed_in is not None
    requests = (
        ("GET", made.at(), None),
        ("PUT", made.at(), {"text": "Slept."}),
        ("POST", made.at(f"{CHART}/nursenotes"), NOTE),
    )
    for name, values in HEADERS.items():
        for value, (method, where, body) in product(values, requests):
            headers = {"X-CSRFToken": person.csrf, name: value.encode().decode("latin-1")}
            judge.stored.clear()
            try:
                answer = person.client.open(where, method=method, json=body, headers=headers)
            except ValueError:  # werkzeug's own client sends no header of two lines; neither does any server take one
                continue
            judge.see(answer, (method, name, value))
            told_back = [
                header for header, said in answer.headers.items() if value and said == value and len(value) > 8
            ]
            assert not told_back, (name, value, told_back)
            assert "elsewhere" not in answer.headers.get("Location", "") + answer.text
    judge.done()


NOTE = {"kind": "progress", "text": "Slept well."}


def test_a_body_of_nothing_signs_nobody_in(app: Flask, judge: Judge) -> None:
    """A peer compared a password that was not sent with one that was not set, and found them equal."""
    client = app.test_client()
    token = client.get("/auth/getcsrf").json["csrf_token"]  # type: ignore[index]
    for who in ("admin", None, "", [], {}, True, 0, "nobody", ["admin"], {"$ne": None}, "admin' OR '1'='1", "admin\0"):
        for password in (None, "", [], {}, True, 0, ["x"], {"$ne": None}, "\0", "' OR '1'='1", "null", "undefined"):
            for body in (
                {"username": who, "password": password},
                {"email": who, "password": password},
                {"username": who},
            ):
                answer = client.post("/auth/login", json=body, headers={"X-CSRFToken": token})
                judge.see(answer, body)
                assert answer.status_code in (401, 422, 429), body
    assert client.get("/auth/isauthenticated").json == {"isauthenticated": False}
    judge.done()
