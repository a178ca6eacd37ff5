"""The report of an import: every line of it can be read by a person and by a spreadsheet."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from hmis.interop.report import Line, Report


def report() -> Report:
    return Report(
        "Old system",
        seen=Counter(Patient=3, Procedure=1203),
        taken=Counter(Patient=1),
        there=Counter(Patient=1),
        refused=[Line("a.json", "Patient", "7", "an animal")],
        counted=Counter({("Procedure", "no home for it yet"): 1203}),
        files=[Line("b.json", "file", "", "not JSON: line 1")],
        parts=Counter({("Patient", "photo"): 2}),
        remarks=[Line("a.json", "Observation", "9", "=cmd()")],
    )


def test_a_report_adds_up_or_says_that_it_does_not() -> None:
    told = report()
    assert told.adds_up
    assert told.sums()[-1] == ("all", 1206, 1, 1, 1204)
    told.seen["Patient"] += 1
    assert not told.adds_up


def test_each_thing_not_taken_is_one_line() -> None:
    assert [str(line) for line in report().lines] == [
        "not taken: Patient 7 (a.json): an animal",
        "not taken: 1,203 Procedure: no home for it yet",
    ]


def test_a_report_is_kept_as_text(tmp_path: Path) -> None:
    report().write(tmp_path / "report.txt")
    text = (tmp_path / "report.txt").read_text()
    for expected in (
        "all                          1,206         1         1      1,204",
        "b.json: not JSON: line 1",
        "not taken: 1,203 Procedure: no home for it yet",
        "left out: Observation 9 (a.json): =cmd()",
        "no home yet: photo of 2 Patient",
    ):
        assert expected in text


def test_a_report_is_kept_for_a_spreadsheet_without_formulas(tmp_path: Path) -> None:
    report().write(tmp_path / "report.csv")
    with (tmp_path / "report.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["outcome"] for row in rows} == {
        "taken",
        "already there",
        "unreadable",
        "not taken",
        "left out",
        "no home yet",
    }
    assert sum(int(row["count"]) for row in rows if row["outcome"] in ("taken", "already there", "not taken")) == 1206
    assert [row["why"] for row in rows if row["outcome"] == "left out"] == ["'=cmd()"]


@pytest.mark.parametrize("lines", [0, 3])
def test_the_summary_says_whether_something_could_not_be_read(lines: int) -> None:
    told = report()
    told.files = told.files * lines
    assert ("3 files or lines could not be read" in told.summary()) is (lines == 3)
