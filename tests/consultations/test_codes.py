"""Finding a diagnosis: by code, in the words of the ward, in the words of the WHO."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, Table, delete, event, func, make_url, select, text, update
from sqlalchemy.orm import Session

from hmis.consultations import codes
from hmis.consultations.models import DiagnosisCode, DiagnosisWord
from hmis.consultations.plain_words import PLAIN_WORDS, WORDS_ALIKE
from hmis.core.db import Row, lawful, open_engine
from hmis.core.guard import guard
from tests.conftest import SERVER

CLASSIFICATION = codes.classify()
LEAVES = sorted(CLASSIFICATION.leaves)
TABLES: list[Any] = [DiagnosisCode.__table__, DiagnosisWord.__table__]

TYPED = {
    # by code
    "B54": "B54",
    "b54": "B54",
    "b50.9": "B50.9",
    "B509": "B50.9",
    " b50. 9 ": "B50.9",
    "E11": "E11",
    "e11.": "E11.0",
    "A17.0†": "A17.0",
    "B18.1": "B18.1",
    "B18.19": "B18.19",
    # fevers and infections
    "typhoid": "A01.0",
    "typh": "A01.0",
    "enteric fever": "A01.0",
    "malaria": "B54",
    "malaria fever": "B54",
    "fever mal": "B54",
    "severe malaria": "B50.8",
    "cerebral malaria": "B50.0",
    "malaria in pregnancy": "O98.6",
    "running stomach": "A09.9",
    "purging": "A09.9",
    "loose stool": "A09.9",
    "diarrhoea": "A09.9",
    "diarrhea": "A09.9",
    "diarr": "A09.9",
    "AGE": "A09.9",
    "bloody diarrhea": "A09.0",
    "cholera": "A00.9",
    "dysentery": "A09.0",
    "amoebic dysentery": "A06.0",
    "TB": "A16.9",
    "lung TB": "A16.2",
    "HIV": "B24",
    "RVD": "B24",
    "hiv positive": "Z21",
    "apollo": "H10.9",
    "measles": "B05.9",
    "chickenpox": "B01.9",
    "chicken pox": "B01.9",
    "whooping cough": "A37.9",
    "lassa": "A96.2",
    "yellow fever": "A95.9",
    "tetanus": "A35",
    "ringworm": "B35.9",
    "worms": "B82.0",
    "worm": "B82.0",
    "bilharzia": "B65.9",
    "hepatitis b": "B16.9",
    "hep b": "B16.9",
    "gonorrhea": "A54.9",
    "covid": "U07.1",
    "sepsis": "A41.9",
    "fever": "R50.9",
    # sugar, pressure, blood
    "sugar": "E11.9",
    "diabetes": "E11.9",
    "diab": "E11.9",
    "DM": "E11.9",
    "type 1 diabetes": "E10.9",
    "DKA": "E14.1",
    "high blood": "I10",
    "high blood pressure": "I10",
    "pressure high": "I10",
    "BP": "I10",
    "HTN": "I10",
    "hypertension": "I10",
    "stroke": "I64",
    "CVA": "I64",
    "CCF": "I50.0",
    "heart failure": "I50.9",
    "heart attack": "I21.9",
    "sickle": "D57.1",
    "sickler": "D57.1",
    "sickle-cell": "D57.1",
    "sickle cell crisis": "D57.0",
    "anaemia": "D64.9",
    "anemia": "D64.9",
    "low blood": "D64.9",
    "malnutrition": "E46",
    "kwashiorkor": "E40",
    "kwashi": "E40",
    "marasmus": "E41",
    "goiter": "E04.9",
    # chest, belly, skin
    "cold": "J00",
    "catarrh": "J00",
    "URTI": "J06.9",
    "LRTI": "J22",
    "pneumonia": "J18.9",
    "asthma": "J45.9",
    "COPD": "J44.9",
    "ulcer": "K27.9",
    "PUD": "K27.9",
    "UGIB": "K92.2",
    "esophagitis": "K20",
    "œsophagitis": "K20",
    "oesophag cancer": "C15.9",
    "piles": "K64.9",
    "hemorrhoids": "K64.9",
    "hernia": "K46.9",
    "appendicitis": "K35.8",
    "jaundice": "R17.0",
    "yellow eyes": "R17.0",
    "whitlow": "L03.0",
    "boils": "L02.9",
    "boil": "L02.9",
    "UTI": "N39.0",
    "PID": "N73.9",
    "kidney stone": "N20.0",
    "low back pain": "M54.5",
    "waist pain": "M54.5",
    # fits, injuries, poisons
    "fits": "R56.8",
    "convulsion": "R56.8",
    "convulsions": "R56.8",
    "epilepsy": "G40.9",
    "burns": "T30.0",
    "burn hand": "T23.0",
    "snake bite": "T63.0",
    "fracture": "T14.2",
    "forearm fracture": "S52.9",
    "broken arm": "S52.9",
    "RTA": "V89.2",
    "okada accident": "V29.9",
    # women and the newborn
    "fibroid": "D25.9",
    "fibroids": "D25.9",
    "preeclampsia": "O14.9",
    "pre-eclampsia": "O14.9",
    "eclampsia": "O15.9",
    "PPH": "O72.1",
    "bleeding after delivery": "O72.1",
    "miscarriage": "O03.9",
    "stillbirth": "P95",
    "neonatal jaundice": "P59.9",
    "NNJ": "P59.9",
    "neonatal sepsis": "P36.9",
    "breast cancer": "C50.9",
    "cancer prostate": "C61",
    # words of the WHO, letters of other keyboards
    "nasopharyngitis acute": "J00",
    "Ménière": "H81.0",
    "meniere": "H81.0",
    "immunisation": "Z27.9",
    "o'nyong": "A92.1",
    "b12": "E53.8",
}


class Databases:
    """Databases with room for the diagnoses and nothing else."""

    def __init__(self, folder: Path, worker: str) -> None:
        self.folder, self.worker, self.made = folder, worker, 0
        self.open: list[Engine] = []

    def new(self) -> Engine:
        self.made += 1
        engine = open_engine(self._on_server() if SERVER else f"sqlite:///{self.folder / f'{self.made}.sqlite3'}")
        Row.metadata.create_all(engine, tables=TABLES)
        self.open.append(guard(engine))
        return engine

    def _on_server(self) -> str:
        url = make_url(SERVER)
        url = url.set(database=f"{url.database or 'hmis_test'}_icd_{self.worker}_{self.made}")
        server = open_engine(url.set(database="").render_as_string(hide_password=False))
        with server.begin() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS `{url.database}`"))
            connection.execute(text(f"CREATE DATABASE `{url.database}` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"))
        server.dispose()
        return url.render_as_string(hide_password=False)

    def drop(self) -> None:
        for engine in self.open:
            if SERVER:
                with engine.begin() as connection, lawful(connection):
                    connection.execute(text(f"DROP DATABASE `{engine.url.database}`"))
            engine.dispose()


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Databases]:
    databases = Databases(tmp_path_factory.mktemp("icd"), worker_id)
    yield databases
    databases.drop()


@pytest.fixture(scope="module")
def engine(databases: Databases) -> Engine:
    """One database, loaded once for all tests that only search."""
    engine = databases.new()
    with Session(engine) as session:
        codes.load_codes(session)
        session.commit()
    return engine


@pytest.fixture(scope="module")
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


def found(session: Session, q: str, limit: int = 20) -> list[str]:
    return [diagnosis.code for diagnosis in codes.search(session, q, limit)]


@pytest.mark.parametrize("typed", TYPED)
def test_what_the_clinician_types_is_among_the_first_three(session: Session, typed: str) -> None:
    assert TYPED[typed] in found(session, typed)[:3]


def test_plain_words_said_in_full_come_first(session: Session) -> None:
    late = [
        (phrase, code, found(session, phrase, 3))
        for code in PLAIN_WORDS
        for phrase in codes.phrases(code)
        if not codes.dotted(phrase) and found(session, phrase, 1) != [code]
    ]
    assert late == []


def test_plain_words_name_codes_that_exist_and_may_be_used() -> None:
    assert [code for code in PLAIN_WORDS if code not in CLASSIFICATION.leaves] == []
    assert len(PLAIN_WORDS) >= 150


def test_no_plain_words_name_two_diagnoses() -> None:
    owners: dict[frozenset[str], set[str]] = {}
    for code in PLAIN_WORDS:
        for phrase in codes.phrases(code):
            owners.setdefault(frozenset(phrase.casefold().split()), set()).add(code)
    assert {tuple(phrase): codes for phrase, codes in owners.items() if len(codes) > 1} == {}


def test_words_alike_find_something(session: Session) -> None:
    idle = [word for said in WORDS_ALIKE.values() for word in said.split() if not found(session, word)]
    assert idle == []


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_every_diagnosis_is_found_by_its_code_and_by_the_words_of_its_title(
    session: Session, data: st.DataObject
) -> None:
    code = data.draw(st.sampled_from(LEAVES))
    words = data.draw(st.permutations(CLASSIFICATION.titles[code].split()))
    assert found(session, code)[0] == code
    assert found(session, code.replace(".", "").lower())[0] == code
    assert code in found(session, " ".join(words))


@settings(max_examples=100, deadline=None)
@given(q=st.text(max_size=60))
def test_nothing_that_can_be_typed_breaks_the_search(session: Session, q: str) -> None:
    assert len(codes.search(session, q, 5)) <= 5
    assert codes.title_of(session, q) is None or codes.knows(session, q)


@pytest.mark.parametrize(
    "typed",
    ["", "   ", "the of", "zzzzqq", "%", "_", "m%laria%", "x' OR '1'='1", "\x00", "\ud800", "مالاريا", "z" * 10_000],
)
def test_nothing_is_found_for_nothing(session: Session, typed: str) -> None:
    assert found(session, typed) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("anaemia", "anemia"),
        ("oesophageal obstruction", "esophageal obstruction"),
        ("haemorrhage", "hemorrhage"),
        ("tumour", "tumor"),
        ("localized", "localised"),
        ("fetal death", "foetal death"),
        ("leukaemia", "LEUKEMIA"),
        ("burn hand", "burns hands"),
        ("hernia inguinal", "inguinal hernia"),
        ("typhoid fever", "fever, typhoid!"),
    ],
)
def test_spelling_number_and_order_make_no_difference(session: Session, one: str, other: str) -> None:
    assert found(session, one)[:3] == found(session, other)[:3] != []


def test_a_word_too_many_still_finds_something(session: Session) -> None:
    assert "B54" in found(session, "malaria yestreday")
    assert "A01.0" in found(session, "typhiod fever")


def test_words_find_what_may_be_used_and_never_headings(session: Session) -> None:
    for typed in ("diabetes", "fracture", "unspecified", "emergency use", "m"):
        assert all(diagnosis.leaf for diagnosis in codes.search(session, typed, 200) if not codes.dotted(typed))


def test_the_beginning_of_a_code_finds_the_broad_ones_first(session: Session) -> None:
    assert found(session, "E1", 7) == ["E10", "E11", "E12", "E13", "E14", "E15", "E16"]
    assert found(session, "E11", 3) == ["E11", "E11.0", "E11.1"]
    assert all(code.startswith("E11") for code in found(session, "E11"))


def test_headings_find_what_stands_under_them(session: Session) -> None:
    assert "A06.4" in found(session, "amoebiasis liver")  # titled: Amoebic liver abscess


@pytest.mark.parametrize("limit", [1, 20, 200])
def test_no_more_than_asked_for(session: Session, limit: int) -> None:
    assert len(codes.search(session, "unspecified", limit)) == limit


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("B50.9", "Plasmodium falciparum malaria, unspecified"),
        ("b509", "Plasmodium falciparum malaria, unspecified"),
        (" B54 ", "Unspecified malaria"),
        ("I10", "Essential (primary) hypertension"),
        ("E11", "Type 2 diabetes mellitus"),
        ("B1810", "Chronic viral hepatitis B without delta-agent : immune-tolerant phase"),
        ("E11.65", None),
        ("S52.501A", None),
        ("X", None),
        ("I", None),
        ("A00-A09", None),
        ("malaria", None),
        ("", None),
        ("Z99.99", None),
    ],
)
def test_a_code_is_known_with_or_without_its_dot(session: Session, code: str, title: str | None) -> None:
    assert codes.title_of(session, code) == title
    assert codes.knows(session, code) == (title is not None)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("b509", "B50.9"), ("B50.9", "B50.9"), ("b54", "B54"), ("B50.9+", "B50.9"), ("b1810", "B18.10"), ("tb", None)],
)
def test_codes_are_stored_in_one_form(typed: str, stored: str | None) -> None:
    assert codes.dotted(typed) == stored


@pytest.mark.parametrize(
    "typed", ["B54", "typhoid", "fever mal", "b12", "malria fever", "fracture of lower end of radius"]
)
def test_a_search_asks_the_database_twice_at_most(engine: Engine, session: Session, typed: str) -> None:
    assert 1 <= len(_statements(engine, session, typed)) <= 2


@pytest.mark.parametrize("typed", ["E11", "typhoid", "fever m", "unspecified other", "malria fever"])
def test_a_search_reads_by_index_alone(engine: Engine, session: Session, typed: str) -> None:
    explain = "EXPLAIN " if SERVER else "EXPLAIN QUERY PLAN "
    for statement, parameters in _statements(engine, session, typed):
        for row in session.connection().exec_driver_sql(explain + statement, parameters).mappings():
            if SERVER:
                assert row["table"].startswith("<derived") or row["type"] in ("range", "ref", "eq_ref", "const"), row
                assert row["key"] in ("PRIMARY", None), row
            else:
                assert "SCAN diagnosis" not in row["detail"], row


def _statements(engine: Engine, session: Session, typed: str) -> list[tuple[str, Any]]:
    seen: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        seen.append((statement, parameters))

    session.connection()
    event.listen(engine, "before_cursor_execute", note)
    codes.search(session, typed)
    event.remove(engine, "before_cursor_execute", note)
    return seen


def test_loading_twice_adds_nothing(databases: Databases) -> None:
    with Session(databases.new()) as session:
        assert codes.load_codes(session) == len(CLASSIFICATION.titles) == 12_246
        session.commit()
        words = session.scalar(select(func.count()).select_from(DiagnosisWord))
        assert codes.load_codes(session) == 0
        assert session.scalar(select(func.count()).select_from(DiagnosisWord)) == words
        assert session.scalar(select(func.count()).select_from(DiagnosisCode)) == 12_246


def test_loading_mends_an_older_edition(databases: Databases) -> None:
    code, word = (table for table in TABLES if isinstance(table, Table))
    with Session(databases.new()) as session:
        codes.load_codes(session)
        session.execute(update(code).where(code.c.code == "A01.0").values(title="Abdominal typhus"))
        session.execute(update(word).where(word.c.code == "A01.0", word.c.word == "fever").values(weight=1))
        session.execute(delete(word).where(word.c.code == "B54"))
        session.execute(delete(code).where(code.c.code == "B54"))
        session.execute(code.insert().values(code="I84.9", title="Haemorrhoids, as once coded", leaf=True))
        session.execute(word.insert().values(word="hemorrhoid", code="I84.9", weight=299))
        session.commit()

        assert codes.load_codes(session) == 1
        session.commit()
        assert codes.title_of(session, "A01.0") == "Typhoid fever"
        assert found(session, "malaria")[0] == "B54"
        assert codes.title_of(session, "I84.9") == "Haemorrhoids, as once coded"
        assert "I84.9" not in found(session, "hemorrhoid")
        stored = {tuple(row) for row in session.execute(select(word.c.word, word.c.code, word.c.weight))}
        assert stored == set(codes.words_of(CLASSIFICATION))


def test_titles_and_words_fit_their_columns() -> None:
    assert max(len(title) for title in CLASSIFICATION.titles.values()) <= 500
    assert max(len(word) for word, _, _ in codes.words_of(CLASSIFICATION)) <= 60
