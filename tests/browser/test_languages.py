"""French: of each page its own words, all of them without a line, and none for whoever reads English."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

import hmis
from tests.browser.conftest import Open, app_is_kept
from tests.browser.hospital import Hospital, sign_in
from tests.browser.test_every_page import OF_SOMEBODY, address
from tests.browser.watch import Watch

FRENCH = json.loads((Path(__file__).parents[2] / "web/src/lib/i18n/fr.json").read_text(encoding="utf-8"))
KEPT = """async () => {
    const names = await caches.keys();
    const kept = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return kept.flat().filter(({ url }) => url.includes('/immutable/french/')).length;
}"""
SOON_KEPT = f"""async (wanted) => {{
    for (let turn = 0; turn < 200 && (await ({KEPT})()) < wanted; turn++) await new Promise((on) => setTimeout(on, 50));
    return await ({KEPT})();
}}"""
READ = """() => [
    document.title, document.body.innerText,
    ...[...document.querySelectorAll('*')].flatMap((one) =>
        ['aria-label', 'aria-description', 'placeholder', 'title', 'alt'].map((name) => one.getAttribute(name) ?? ''))
].join('\\n')"""


def _english() -> Iterator[re.Pattern[str]]:
    """What is told in other words in French: whole where it is short, its longest part where something stands in it."""
    for key, value in FRENCH.items():
        french = value if isinstance(value, str) else " ".join(value.values())
        part = max(re.split(r"\{\w+\}", key), key=len)
        if part.strip() in french:
            continue
        if len(part.split()) > 2:
            yield re.compile(re.escape(part))
        elif part == key and len(key) > 2:
            yield re.compile(rf"^{re.escape(key)}$", re.MULTILINE)


ENGLISH = list(_english())


def _in_french(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("heading", level=1)).to_be_attached()
    assert page.evaluate("document.documentElement.lang") == "fr"
    text = page.evaluate(READ)
    assert [found[0] for pattern in ENGLISH if (found := pattern.search(text))] == [], page.url


@pytest.mark.parametrize("who", sorted(set(OF_SOMEBODY.values())))
def test_a_french_page_says_nothing_in_english(who: str, open_browser: Callable[..., Any], hospital: Hospital) -> None:
    context = open_browser(locale="fr-CM")
    sign_in(context.request, who)
    page: Page = context.new_page()
    for path, role in OF_SOMEBODY.items():
        if role == who:
            page.goto(address(path, hospital))
            _in_french(page)


def test_the_counter_says_in_french_whether_somebody_is_pregnant(open_as: Open, hospital: Hospital) -> None:
    page = open_as("pharmacist", address("/app/pharmacy/[patient]/[consultation]", hospital), locale="fr-CM")
    pregnancy = page.get_by_role("main").locator("dl > div").filter(has_text="Grossesse")
    for value, said in (("pregnant", "oui"), ("not_pregnant", "non")):
        chart = f"/patients/{hospital.patients['folasade']['id']}/assertions"
        hospital.has("doctor").does("POST", chart, {"kind": "pregnancy", "value": value})
        page.reload()
        expect(pregnancy.get_by_role("definition")).to_have_text(said)


def test_words_are_there_when_a_page_is_opened_from_another(open_as: Open) -> None:
    page = open_as("recordofficer", "/app/reception", locale="fr-CM")
    _in_french(page)
    for place in ("Patients", "Accueil"):
        page.get_by_role("navigation").get_by_role("link", name=place).first.click()
        _in_french(page)


def test_whoever_reads_english_fetches_and_keeps_no_french(open_as: Open, watch: Watch) -> None:
    page = open_as("nurse", "/app/patients")
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    app_is_kept(page)
    page.reload()
    page.wait_for_load_state("networkidle")
    assert any("/immutable/" in url for url in fetched)
    assert [url for url in fetched if "/immutable/french/" in url] == []
    assert page.evaluate(KEPT) == 0


def test_all_of_french_is_on_the_device_when_the_line_is_dead(open_as: Open, hospital: Hospital, watch: Watch) -> None:
    page = open_as("nurse", "/app/queue", locale="fr-CM")
    app_is_kept(page)
    there = len(list((Path(hmis.__file__).parent / "web/_app/immutable/french").glob("*.js")))
    assert page.evaluate(SOON_KEPT, there) == there
    watch.expects_a_bad_line()
    hospital.loses_power()
    page.goto("/app/me")
    expect(page.get_by_role("heading", name="Le serveur ne répond pas", level=1)).to_be_visible()
    hospital.start()
    expect(page.get_by_role("navigation").first).to_be_visible()
    _in_french(page)


def test_a_page_whose_words_do_not_come_is_not_shown_in_english(open_browser: Callable[..., Any], watch: Watch) -> None:
    context = open_browser(locale="fr-CM")
    as_in_a_private_window = "if (navigator.serviceWorker) navigator.serviceWorker.register = async () => undefined"
    context.add_init_script(as_in_a_private_window)
    sign_in(context.request, "recordofficer")
    page: Page = context.new_page()
    page.goto("/app/reception")
    _in_french(page)
    watch.expects_a_bad_line()
    page.route("**/immutable/french/**", lambda route: route.abort())
    page.get_by_role("navigation").get_by_role("link", name="Patients").first.click()
    expect(page.get_by_role("heading", name="Le serveur ne répond pas", level=1)).to_be_visible()
    page.unroute("**/immutable/french/**")
    expect(page.get_by_role("heading", name="Patients", level=1)).to_be_visible()
    _in_french(page)
