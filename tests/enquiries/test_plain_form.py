"""The same act from a page without scripts: a plain form, answered by a page or the way on to one."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from tests.conftest import Person, Time

OURS = {"Origin": "http://localhost"}
CONTACT = {
    "kind": "contact",
    "name": "Amina <Bello>",
    "email": "amina@clinic.example",
    "message": "May we try it?\r\nFor a month, “please” & soon.",
    "website": "",
}


def post(app: Flask, fields: Any, headers: dict[str, str] | None = None, **more: Any) -> Any:
    """A browser sends a form of ours."""
    return app.test_client().post("/enquiries", data=fields, headers=OURS if headers is None else headers, **more)


def values(page: str) -> dict[str, str]:
    """What a browser would send if the form of the page were sent as it stands."""
    inputs = dict(re.findall(r'<input[^>]* name="(\w+)" value="([^"]*)"', page))
    areas = dict(re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>\n(.*?)</textarea>', page, re.DOTALL))
    told = {**inputs, **areas}
    signs = {"&lt;": "<", "&gt;": ">", "&#34;": '"', "&#39;": "'", "&amp;": "&"}
    for sign, meant in signs.items():
        told = {name: value.replace(sign, meant) for name, value in told.items()}
    return told


def test_a_form_is_taken_and_leads_on(app: Flask, admin: Person) -> None:
    answer = post(app, CONTACT)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/received")
    [found] = admin.get("/enquiries").json["items"]  # type: ignore[index]
    assert (found["name"], found["message"]) == ("Amina <Bello>", "May we try it?\nFor a month, “please” & soon.")


def test_the_french_page_leads_on_in_french_and_a_mistake_on_it_is_sent_again_from_there(app: Flask) -> None:
    client = app.test_client()
    taken = client.post("/fr/enquiries", data=CONTACT, headers=OURS)
    assert (taken.status_code, taken.headers["Location"]) == (303, "/fr/received")
    mistaken = client.post("/fr/enquiries", data={**CONTACT, "email": "amina"}, headers=OURS)
    assert mistaken.status_code == 422
    assert 'action="/fr/enquiries"' in mistaken.text


def shown(page: str) -> set[str]:
    """What the page says to somebody who reads it: nothing of tags, and nothing that was typed."""
    read = re.sub(r"<style>.*?</style>|<textarea.*?</textarea>", "", page, flags=re.DOTALL)
    return {text.strip() for text in re.split(r"<[^>]*>", read) if text.strip()}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"name": None, "email": None, "message": ""}, 422),
        ({"kind": "sign_up"}, 422),
        ({"kind": "complaint"}, 422),
        ({"email": "amina at clinic", "name": "x" * 241}, 422),
        ({"message": "x" * 4001, "website": "clinic.example"}, 422),
        ({"name": "A\x07", "message": "\u202e"}, 422),
        ({"facility_size": "x" * 81}, 422),
        ({"role": "admin"}, 422),
        (b"kind=contact&kind=sign_up", 422),
        (b"name=%ff", 422),
        (b"x" * 1_100_000, 413),
    ],
)
def test_what_is_wrong_with_a_french_form_is_told_in_french(app: Flask, change: Any, status: int) -> None:
    told = []
    for path in ("/enquiries", "/fr/enquiries"):
        body: Any = change
        if isinstance(change, dict):
            body = {name: value for name, value in {**CONTACT, **change}.items() if value is not None}
        client = app.test_client()
        kind = "application/x-www-form-urlencoded"
        answer = client.post(path, data=body, headers=OURS, content_type=kind)
        assert answer.status_code == status
        told.append(shown(answer.text))
    english, french = told
    assert len(english) == len(french)
    assert english & french <= {"Message"}, "the same word in both languages"
    assert '<html lang="fr">' in answer.text
    assert '<a href="/fr">' in answer.text


def test_a_french_form_is_told_in_french_to_wait_and_to_come_from_a_page_of_ours(app: Flask, time: Time) -> None:
    client = app.test_client()
    for _ in range(5):
        assert client.post("/fr/enquiries", data=CONTACT, headers=OURS).status_code == 303
    sixth = client.post("/fr/enquiries", data=CONTACT, headers=OURS)
    assert sixth.status_code == 429
    assert re.search("trop de tentatives ; réessayez dans 6[01] minutes", sixth.text)
    assert values(sixth.text)["message"].startswith("May we try it?")
    elsewhere = client.post("/fr/enquiries", data=CONTACT)
    assert elsewhere.status_code == 403
    assert "ce formulaire ne vient pas d’une de nos pages" in elsewhere.text
    assert not shown(sixth.text) & shown(post(app, CONTACT).text) - {"Message"}


def test_fields_left_empty_are_left_out(app: Flask, admin: Person) -> None:
    form = {"kind": "sign_up", "name": "A", "email": "a@b.example", "facility_name": "C", "facility_size": ""}
    assert post(app, {**form, "message": "", "website": ""}).status_code == 303
    [found] = admin.get("/enquiries").json["items"]  # type: ignore[index]
    assert (found["facility_size"], found["message"]) == (None, None)


def test_a_mistake_loses_nothing_and_the_page_can_be_sent_again(app: Flask, admin: Person) -> None:
    answer = post(app, {**CONTACT, "email": "amina at clinic"})
    assert (answer.status_code, answer.mimetype) == (422, "text/html")
    assert "&lt;Bello&gt;" in answer.text
    assert re.search(r'<input id="email"[^>]*aria-invalid="true" aria-describedby="email-wrong"', answer.text)
    assert 'action="/enquiries"' in answer.text
    assert "write an e-mail address such as" in answer.text
    kept = values(answer.text)
    assert kept == {
        "kind": "contact",
        "name": "Amina <Bello>",
        "email": "amina at clinic",
        "message": "May we try it?\nFor a month, “please” & soon.",
    }
    assert admin.get("/enquiries").json["items"] == []  # type: ignore[index]
    assert post(app, {**kept, "email": "amina@clinic.example"}).status_code == 303
    assert len(admin.get("/enquiries").json["items"]) == 1  # type: ignore[index]


def test_what_was_left_out_is_asked_for_on_the_page(app: Flask) -> None:
    answer = post(app, {"kind": "contact", "name": "Amina"})
    assert answer.status_code == 422
    assert set(values(answer.text)) == {"kind", "name", "email", "message"}
    assert "write what you would like to say" in answer.text
    assert "please fill this in" in answer.text
    long = post(app, {**CONTACT, "message": "x" * 4001})
    assert "too long: at most 4000 characters" in long.text


def test_whoever_filled_the_trap_by_a_helpful_browser_sees_it(app: Flask) -> None:
    answer = post(app, {**CONTACT, "website": "clinic.example"})
    assert answer.status_code == 422
    assert "leave this empty" in answer.text
    assert values(answer.text)["website"] == ""
    assert post(app, values(answer.text)).status_code == 303


def test_a_sixth_in_an_hour_is_told_when_to_come_back_and_keeps_the_text(app: Flask, time: Time) -> None:
    assert [post(app, CONTACT).status_code for _ in range(5)] == [303] * 5
    answer = post(app, CONTACT)
    assert (answer.status_code, answer.mimetype) == (429, "text/html")
    assert 3600 <= int(answer.headers["Retry-After"]) <= 3601
    assert "try again in" in answer.text
    assert values(answer.text)["message"].startswith("May we try it?")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://localhost"}, 303),
        ({"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://localhost.evil.example"}, 403),
        ({"Origin": "https://localhost"}, 403),
        ({"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"}, 403),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "http://localhost", "Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
    ],
)
def test_only_a_form_on_a_page_of_ours_is_taken(
    app: Flask, admin: Person, headers: dict[str, str], status: int
) -> None:
    answer = post(app, CONTACT, headers)
    assert answer.status_code == status
    assert len(admin.get("/enquiries").json["items"]) == int(status == 303)  # type: ignore[index]
    if status == 403:
        assert answer.mimetype == "text/html"
        assert values(answer.text) == {}  # nothing that another site wrote is put into a form of ours


def test_a_form_acts_for_nobody_whoever_is_signed_in(app: Flask, admin: Person) -> None:
    assert admin.client.post("/enquiries", data=CONTACT, headers=OURS).status_code == 303
    [event] = admin.get("/audit", act="create", limit=1).json["items"]  # type: ignore[index]
    assert (event["subject"], event["actor"]["number"]) == ("enquiries", "")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"kind": "contact"}', "application/json"),
        (b"kind=contact", "text/plain"),
        (b"kind=contact&kind=sign_up", "application/x-www-form-urlencoded"),
        (b"name=%ff", "application/x-www-form-urlencoded"),
        (b"\xff", "application/x-www-form-urlencoded"),
        (b"&".join(b"f%d=1" % n for n in range(200)), "application/x-www-form-urlencoded"),
    ],
)
def test_what_is_no_form_is_told_so(app: Flask, body: bytes, kind: str) -> None:
    answer = post(app, body, content_type=kind)
    assert (answer.status_code, answer.mimetype) == (422, "text/html")
    assert 'class="wrong"' in answer.text


def test_a_field_that_does_not_exist_is_told(app: Flask) -> None:
    answer = post(app, {**CONTACT, "role": "admin"})
    assert answer.status_code == 422
    assert "role" in answer.text


def test_too_much_is_refused_by_a_page(app: Flask) -> None:
    answer = post(app, {**CONTACT, "message": "x" * 1_100_000})
    assert (answer.status_code, answer.mimetype) == (413, "text/html")


def test_the_page_runs_no_script_and_posts_to_us_alone(app: Flask) -> None:
    answer = post(app, {**CONTACT, "name": "<script>alert(1)</script>", "email": "x"})
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "script-src" not in policy
    assert "<script" not in answer.text
    # With no referrer at all a browser would not tell us that the form sent again is ours.
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_form_is_no_part_of_the_api(app: Flask) -> None:
    assert "/enquiries" not in app.test_client().get("/api/openapi.json").json["paths"]  # type: ignore[index]
