"""What was built on the API of the original project goes on working."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.hospital import Hospital


def test_the_status_is_what_it_was(nobody: Callable[..., Page]) -> None:
    page = nobody("/api/v1/status")
    assert '"OK"' in page.locator("body").inner_text()


def test_a_page_that_reads_patients_by_the_api_still_can(open_as: Open, hospital: Hospital) -> None:
    page = open_as("doctor", f"/app/p/{hospital.patients['musa']['id']}")
    number = hospital.patients["musa"]["hospital_number"]
    found = page.evaluate("number => fetch(`/api/v1/patients/${number}`).then(answer => answer.json())", number)
    assert (found["family_name"], found["id"]) == ("Musa", hospital.patients["musa"]["id"])


def test_the_api_can_be_read_at_apidocs(nobody: Callable[..., Page]) -> None:
    page = nobody("/apidocs")
    expect(page.get_by_text("/auth/login").first).to_be_visible()
