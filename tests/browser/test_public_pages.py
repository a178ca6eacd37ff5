"""What a visitor sees who has no account, and perhaps no JavaScript."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.conftest import no_violations
from tests.browser.hospital import Hospital
from tests.browser.watch import Watch

Nobody = Callable[..., Page]


def test_the_first_page_needs_no_script_and_little_of_the_line(nobody: Nobody) -> None:
    page = nobody("about:blank", java_script_enabled=False)
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    for name in ("Features", "Services", "About", "Contact", "Sign up"):
        link = page.get_by_role("link", name=name, exact=True).first
        href = link.get_attribute("href") or ""
        assert page.evaluate("id => !!document.getElementById(id)", href.partition("#")[2]), f"{name} leads nowhere"
        link.click()
        assert page.url.endswith(href.partition("#")[2])
    page.wait_for_load_state("networkidle")
    carried = sum(answer.request.sizes()["responseBodySize"] for answer in answers)
    assert carried < 120_000, f"{carried} bytes"
    page.get_by_role("link", name="Sign in").first.click()
    expect(page.get_by_role("heading", name="Sign in", level=1)).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
def test_a_request_for_a_place_is_received_and_opens_no_account(
    nobody: Nobody, hospital: Hospital, watch: Watch, script: bool
) -> None:
    page = nobody("/", java_script_enabled=script)
    form = page.get_by_role("form", name="Sign up")
    form.get_by_label("Facility name").fill("Kafin Hausa General")
    form.get_by_label("Your name").fill("Hadiza Bello")
    form.get_by_label("Email").fill("hadiza@kafin.example")
    form.get_by_role("button", name="Send request").click()
    expect(page.get_by_role("heading", name="Request received")).to_be_visible()
    if script:
        no_violations(page)
    [enquiry] = hospital.has("admin").does("GET", "/enquiries")["items"]
    assert (enquiry["facility_name"], enquiry["email"]) == ("Kafin Hausa General", "hadiza@kafin.example")
    people = hospital.has("admin").does("GET", "/staffs/nurses?q=Hadiza")["items"]
    assert people == []


def test_what_is_wrong_with_a_request_is_told_and_what_was_typed_is_kept(nobody: Nobody, watch: Watch) -> None:
    watch.expects(422, "/enquiries")
    page = nobody("/")
    form = page.get_by_role("form", name="Contact")
    form.get_by_label("Your name").fill("Hadiza Bello")
    form.get_by_label("Email").fill("hadiza@kafin")
    form.get_by_label("Message").fill("Is there a version for tablets?")
    form.get_by_role("button", name="Send message").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_label("Message").first).to_have_value("Is there a version for tablets?")


def test_what_is_wrong_with_a_french_request_is_told_in_french_and_sent_from_there(
    nobody: Nobody, hospital: Hospital, watch: Watch
) -> None:
    watch.expects(422, "/fr/enquiries")
    page = nobody("/fr", java_script_enabled=False)
    form = page.get_by_role("form", name="S’inscrire")
    form.get_by_label("Nom de l’établissement").fill("Centre de santé de Zinder")
    form.get_by_label("Votre nom").fill("Halima Issoufou")
    form.get_by_label("E-mail").fill("halima@zinder")
    form.get_by_role("button", name="Envoyer la demande").click()
    expect(page.get_by_role("heading", name="Non envoyé : Veuillez vérifier ce qui est saisi", level=1)).to_be_visible()
    email = page.get_by_label("Votre adresse e-mail")
    expect(email).to_have_accessible_description("écrivez une adresse e-mail, comme amina@clinic.example")
    expect(page.get_by_label("Votre nom")).to_have_value("Halima Issoufou")
    expect(page.get_by_role("link", name="Retour à la première page")).to_have_attribute("href", "/fr")
    email.fill("halima@zinder.example")
    page.get_by_role("button", name="Envoyer de nouveau").click()
    expect(page.get_by_role("heading", name="Demande reçue")).to_be_visible()
    [enquiry] = hospital.has("admin").does("GET", "/enquiries")["items"]
    assert (enquiry["facility_name"], enquiry["email"]) == ("Centre de santé de Zinder", "halima@zinder.example")
