"""The prescription line on the consultation page: every line of the grammar's corpus, and what is in high alert."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open, no_violations
from tests.browser.hospital import Hospital
from tests.browser.test_consulting import choose_medicine, consult_of

CORPUS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "prescriptions" / "signatures.json").read_text(encoding="utf-8")
)
METHOTREXATE = {"generic_name": "methotrexate", "strength": "2.5 mg", "form": "tablet", "route": "oral"}
WHY_DAILY = "Induction by protocol 7, five days only"


def _line(page: Page) -> Locator:
    return page.get_by_role("combobox", name=re.compile("Medicine|How to take it"))


def _written(page: Page) -> Locator:
    return page.get_by_role("group", name="As it will be written")


def _weight(case: dict[str, Any]) -> float:
    return float(case.get("weight_kg", 0))


def _chapters() -> Iterator[tuple[float, str, list[dict[str, Any]]]]:
    """The corpus by what is known when a line is typed: the weight (0: none), and the drug where it is chosen first."""

    def known(case: dict[str, Any]) -> tuple[float, str]:
        return _weight(case), case.get("drug_name", "").lower()

    for (weight, drug), cases in groupby(sorted(CORPUS, key=known), known):
        yield weight, drug, list(cases)


_TYPED = """async (field, [group, lines, enter]) => {
    const seen = [];
    for (const line of lines) {
        field.value = line;
        field.dispatchEvent(new InputEvent('input', { bubbles: true }));
        await new Promise((drawn) => requestAnimationFrame(drawn));
        const [shown, whole] = [group.querySelector('p').innerText, group.innerText];
        const stops = [...group.querySelectorAll('[role=alert]')].map((one) => one.innerText);
        if (enter) field.dispatchEvent(new KeyboardEvent('keydown', enter));
        seen.push([shown, stops, whole]);
    }
    return seen;
}"""


def _amiss(case: dict[str, Any], shown: str, stops: list[str], whole: str) -> list[str]:
    """What of a line's preview is not as the corpus has it."""
    wanted, unread, text = _plain(case["directions"]), " ".join(case.get("unread", [])), _plain(shown)
    if "drug_name" in case:  # chosen, so that its product stands before the directions and the supply behind them
        written = f" – {wanted} ".lower() in f"{text} ".lower()
    else:
        written = text == " – ".join(part for part in (case["drug"] or "which medicine?", wanted) if part)
    checks = {
        f"written as {text!r}": written,
        f"blocked by {stops}": stops == case.get("refusals", []),
        "not understood": (f"Not understood: “{unread}”" in whole if unread else "Not understood" not in whole),
        "high-alert": ("High-alert medicine" in whole) == ("high_alert" in case),
    }
    return [f"{case['text']}: {what}" for what, well in checks.items() if not well]


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def test_every_line_of_the_corpus_is_shown_in_full_words_or_refused(open_as: Open, hospital: Hospital) -> None:
    """One page, one line after the other; Enter adds none of them while no medicine is chosen."""
    assert len(CORPUS) >= 12 + 60
    hospital.has("pharmacist").does("POST", "/drugs", METHOTREXATE)
    page = open_as("doctor", consult_of(hospital, "bala"))
    typed, weighed, amiss = 0, 0.0, list[str]()
    for weight, drug, cases in _chapters():
        if weight != weighed:
            vitals = {"weight_kg": weight, "confirmed": True}
            hospital.has("nurse").does("POST", f"/patients/{hospital.patients['bala']['id']}/vitals", vitals)
            page.goto(consult_of(hospital, "bala"))
            weighed = weight
        page.get_by_role("button", name="/rx medicine").click()
        if drug:
            _line(page).fill(drug)
            found = page.get_by_role("listbox", name="Found").get_by_role("option").filter(has_text=drug)
            expect(found.first).to_be_visible()
            page.keyboard.press("ArrowDown")
            page.keyboard.press("Enter")
            expect(page.get_by_role("combobox", name="How to take it")).to_be_focused()
        _line(page).fill(cases[0]["text"])
        group = _written(page).element_handle()
        enter = None if drug else {"key": "Enter", "bubbles": True, "cancelable": True}
        seen = _line(page).evaluate(_TYPED, [group, [case["text"] for case in cases], enter])
        for case, shown in zip(cases, seen, strict=True):
            amiss += _amiss(case, *shown)
            typed += 1
        if drug:
            page.get_by_role("button", name="Another medicine").click()
        _line(page).fill("")
        page.keyboard.press("Escape")
    assert typed == len(CORPUS)
    assert amiss == []
    expect(page.get_by_text("No diagnosis and no medicine yet.")).to_be_visible()


def test_methotrexate_is_not_signed_daily_without_a_reason(open_as: Open, hospital: Hospital) -> None:
    hospital.has("pharmacist").does("POST", "/drugs", METHOTREXATE)
    page = open_as("doctor", consult_of(hospital))
    expect(page.get_by_label("History, examination and plan")).to_be_focused()
    page.keyboard.type("Leukaemia, day 1.\n")
    choose_medicine(page, "methotrexate 10mg po od 5/7", "methotrexate")
    written = _written(page)
    expect(written).to_contain_text("High-alert medicine")
    expect(written.get_by_role("button", name="nearly always once a week")).to_be_visible()
    add = written.get_by_role("button", name="Add to consultation")
    expect(add).to_be_disabled()
    no_violations(page)
    page.keyboard.press("Enter")
    often = written.get_by_label("How often")
    expect(often).to_be_focused()
    expect(often).to_have_value("od")
    reason = written.get_by_label("Instructions")
    reason.press_sequentially("too short")
    page.keyboard.press("Tab")
    expect(add).to_be_disabled()
    reason.fill(WHY_DAILY)
    page.keyboard.press("Tab")
    expect(add).to_be_enabled()
    _line(page).press("Enter")  # the line alone adds no high-alert medicine: the parts are gone through
    expect(page.get_by_role("status").filter(has_text="go through each part")).to_be_visible()
    basket = page.get_by_role("region", name="In this consultation")
    expect(basket).not_to_contain_text("methotrexate")
    add.press("Enter")
    expect(basket).to_contain_text(WHY_DAILY)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("dialog", name="Sign for ADEYEMI, Folasade")).to_contain_text(WHY_DAILY)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Signed", level=1)).to_be_visible()
    counter = open_as("pharmacist")
    given = counter.get_by_role("row").filter(has_text="methotrexate")
    expect(given).to_contain_text("once a day")
    expect(given).to_contain_text(WHY_DAILY)
    no_violations(counter)


@pytest.mark.parametrize(
    ("locale", "typed", "said"),
    [
        ("fr-CM", "amlodipine 5mg po qd 30/7", "écrivez od (une fois par jour)"),
        ("fr-CM", "amlodipine 5mg po qod 30/7", "écrivez every other day (un jour sur deux)"),
        ("en-GB", "amlodipine 5mg po qod 30/7", "write every other day"),
        ("en-GB", "amlodipine 5mg per os od 30/7", "write po (oral)"),
    ],
)
def test_what_is_refused_is_told_as_it_is_typed_and_what_it_means(
    open_as: Open, hospital: Hospital, locale: str, typed: str, said: str
) -> None:
    page = open_as("doctor", f"/app/p/{hospital.patients['musa']['id']}/consult", locale=locale)
    page.get_by_role("combobox").last.press_sequentially(f"/rx {typed}")
    stop = page.locator(".stop")
    expect(stop).to_contain_text(said)
    expect(stop).not_to_contain_text("_")


def test_a_command_typed_once_more_is_one_command(open_as: Open, hospital: Hospital) -> None:
    page = open_as("doctor", f"/app/p/{hospital.patients['musa']['id']}/consult")
    line = page.get_by_role("combobox").last
    for command in ("rx", "dx", "fu"):
        line.press_sequentially(f"/{command} /{command} 2")
        expect(page.locator(".mode")).to_have_text(f"/{command}")
        expect(line).to_have_value("2")
        line.press("Escape")
    line.press_sequentially("/dx /rx amoxi")
    expect(page.locator(".mode")).to_have_text("/rx")
    expect(line).to_have_value("amoxi")
