"""Files that nobody here wrote: whatever is wrong with one is a line in the report, never a traceback."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmis.interop import reading
from hmis.interop.reading import Document, File, Skipped, Unreadable
from hmis.interop.report import Report
from hmis.patients.models import Patient
from tests.interop.fhir_words import bundle, observation, patient


def read(path: Path) -> list[Document]:
    return list(reading.documents(File(path, path.name, path.stat().st_size)))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not JSON"),
        (b"<Patient/>", "not JSON"),
        (b'{"resourceType": "Patient"', "not JSON"),
        (b'{"resourceType": "Pati\xff\xfeent"}', "characters are broken"),
        (b"[" * 200_000, "nested too deeply"),
        (b"PK\x03\x04rest of an archive", "zip archive"),
        (b"\x1f\x8bnot really gzip", "damaged"),
        (gzip.compress(b'{"resourceType": "Patient"}', mtime=0)[:-12], "damaged"),
    ],
)
def test_a_broken_file_is_one_line_of_the_report(bring: Callable[..., Report], content: bytes, why: str) -> None:
    report = bring(patient(), files={"broken.json": content})
    assert [line.file for line in report.files] == ["broken.json"]
    assert why in report.files[0].why
    assert report.taken == {"Patient": 1}


def test_a_file_that_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "DOCUMENT_BYTES", 10_000)
    monkeypatch.setattr(reading, "FILE_BYTES", 1_000_000)
    (tmp_path / "bomb.json").write_bytes(gzip.compress(b" " * 20_000, mtime=0))
    (tmp_path / "bomb.ndjson").write_bytes(gzip.compress(b"\n" * 3_000_000, mtime=0))
    with pytest.raises(Unreadable, match="send it as NDJSON"):
        read(tmp_path / "bomb.json")
    with pytest.raises(Unreadable, match="unpacks to more than"):
        read(tmp_path / "bomb.ndjson")


def test_a_line_longer_than_any_resource_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LINE_BYTES", 100)
    (tmp_path / "long.ndjson").write_text('{"resourceType": "Patient"}\n' + '{"a": "' + "b" * 200 + '"}\n')
    with pytest.raises(Unreadable, match="line 2: longer"):
        read(tmp_path / "long.ndjson")


def test_one_bad_line_of_many_costs_that_line_alone(bring: Callable[..., Report]) -> None:
    lines = [json.dumps(patient("a")), "{", "", json.dumps(patient("b"))]
    report = bring(files={"patients.ndjson": "\n".join(lines)})
    assert report.taken == {"Patient": 2}
    assert [line.file for line in report.files] == ["patients.ndjson line 2"]


@pytest.mark.parametrize("name", ["a.json", "a.ndjson", "a.jsonl", "a.json.gz", "a.ndjson.gz", "a.JSON"])
def test_every_way_of_writing_resources_is_read(bring: Callable[..., Report], name: str) -> None:
    content = json.dumps(patient()).encode()
    report = bring(files={name: gzip.compress(content, mtime=0) if name.endswith(".gz") else content})
    assert report.taken == {"Patient": 1}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_encoding_json_allows_is_read(
    bring: Callable[..., Report], stored: Callable[..., list[Any]], encoding: str
) -> None:
    told = json.dumps(patient(name=[{"family": "Ọláwálé", "given": ["Ada"]}]), ensure_ascii=False)
    bring(files={"a.json": told.encode(encoding)})
    assert stored(Patient)[0].family_name == "Ọláwálé"


def test_lines_in_a_file_called_json_are_read_as_lines(bring: Callable[..., Report]) -> None:
    report = bring(files={"export.json": f"{json.dumps(patient('a'))}\n{json.dumps(patient('b'))}\n"})
    assert report.taken == {"Patient": 2}


def test_a_folder_is_read_without_following_links_out_of_it(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text("{}")
    folder = tmp_path / "folder"
    (folder / "deeper").mkdir(parents=True)
    (folder / "deeper" / "a.json").write_text("{}")
    (folder / "notes.txt").write_text("hello")
    (folder / "out.json").symlink_to(secret)
    (folder / "gone.json").symlink_to(folder / "nowhere.json")
    os.mkfifo(folder / "pipe.json")
    found = {item.name: item.reason if isinstance(item, Skipped) else "read" for item in reading.files([folder])}
    assert found == {
        "deeper/a.json": "read",
        "notes.txt": "its name does not end in .json or .ndjson or .jsonl",
        "out.json": "a link that leads out of the folder",
        "gone.json": "cannot be opened: No such file or directory",
        "pipe.json": "not a file",
    }


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        ('"multipleBirthInteger": 1e999', "1e999 is not a number"),
        ('"multipleBirthInteger": NaN', "NaN is not a number"),
        ('"multipleBirthInteger": -Infinity', "-Infinity is not a number"),
        ('"multipleBirthInteger": ' + "9" * 5000, "is not a number"),
        ('"gender": "male"', "says one field twice"),
        ('"text": {"div": "a\\u0000b"}', "NUL character"),
        ('"text": {"div": "\\ud83d alone"}', "half a character"),
        ('"extension": ' + "[" * 900 + "]" * 900, None),
    ],
)
def test_a_resource_that_cannot_be_relied_on_is_refused_and_kept(
    bring: Callable[..., Report], odd: str, why: str | None
) -> None:
    odd_one = json.dumps(patient("odd"))[:-1] + f", {odd}}}"
    report = bring(files={"a.ndjson": f"{odd_one}\n{json.dumps(patient('b'))}\n"})
    assert report.seen == {"Patient": 2}
    assert report.taken["Patient"] >= 1
    if why:
        assert len(report.refused) == 1
        assert why in report.refused[0].why


def test_whole_characters_beyond_the_first_plane_are_no_halves(bring: Callable[..., Report]) -> None:
    assert bring(patient(name=[{"family": "𝒪kafor", "given": ["Ada 🙂"]}])).taken == {"Patient": 1}


@pytest.mark.parametrize(
    "shape",
    [
        {"name": "Ada"},
        {"name": [["Ada"]]},
        {"name": [{"given": [{"a": 1}]}]},
        {"birthDate": 1990},
        {"identifier": [{"value": 7}]},
        {"telecom": {"value": ["a"]}},
        {"deceasedBoolean": "yes"},
        {"address": [1]},
        {"contact": "mother"},
    ],
)
def test_a_wrongly_shaped_resource_is_refused_by_name(bring: Callable[..., Report], shape: dict[str, Any]) -> None:
    report = bring({**patient(), **shape}, observation("pulse", "8867-4", 80, "/min"))
    assert len(report.refused) == 2
    assert report.refused[0].why.split()[0] in {*shape, "given", "value"}
    assert "its patient was not taken" in report.refused[1].why


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    )
)
def test_reading_never_fails_otherwise_than_by_saying_so(value: Any) -> None:
    text = json.dumps(value)
    document = reading.parse(text)
    reading.complaint(document.value, json.dumps(document.value), document.odd)


def test_a_document_with_entries_that_hold_nothing_says_so(bring: Callable[..., Report]) -> None:
    told = bundle(patient())
    told["entry"] += [{"fullUrl": "urn:uuid:1"}, "text", {"resource": {"id": "without a type"}}]
    report = bring(files={"a.json": json.dumps(told)})
    assert report.taken == {"Patient": 1}
    assert len(report.files) == 3
