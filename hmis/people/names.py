"""Names of people: what is stored, what is searched, and which of them are easily taken for each other.

A name is stored as its owner writes it. For searching it is folded: no capitals, no accents or tone marks, Hausa,
Yoruba, Igbo, Akan and European letters as a plain keyboard has them. An apostrophe vanishes (O'Brien is obrien,
'Yar'adua is yaradua), a hyphen and every other sign parts two words (Abdul-Rahman is abdul rahman).
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping
from itertools import pairwise, permutations
from typing import TypeVar

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from hmis.people.models import BaseUser

Key = TypeVar("Key", bound=Hashable)

_APOSTROPHES = dict.fromkeys(map(ord, "'`´’‘‛′＇ʼʻʽʾʿʹˈꞌ"))
_LETTERS = str.maketrans(
    {"ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y", "ŋ": "n", "ɲ": "n", "ɛ": "e", "ɔ": "o", "ǝ": "e", "ə": "e", "ɖ": "d"}
    | {"ƒ": "f", "ɣ": "g", "ʋ": "v", "ɩ": "i", "ʊ": "u", "ı": "i", "ø": "o", "ł": "l", "đ": "d", "ħ": "h"}
    | {"ð": "d", "þ": "th", "æ": "ae", "œ": "oe"}
)
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")  # letters and marks that draw nothing
_PARTICLES = frozenset({"abd", "abdul", "abu", "bin", "ibn", "mac", "van"})
_SLIPS = 2  # letters wrong in a whole name; more is another name


def clean_name(text: str) -> str:
    """The name as it is stored: trimmed, one space between words, in Unicode's composed form.

    Raises `ValueError` for characters that nobody sees but that change how the name reads or is found.
    """
    name = unicodedata.normalize("NFC", text).strip()
    for position, character in enumerate(name):
        if _unseen(character):
            where = f"after “{name[:position].split()[-1]}”" if name[:position].split() else "at the beginning"
            raise ValueError(
                f"there is an invisible character (U+{ord(character):04X}) {where}: type the name again by hand"
            )
    return " ".join(name.split())


def fold(text: str) -> str:
    """The name as it is searched and sorted: `fold("Ọláwálé  O’Brien-Ƙasim")` is `"olawale obrien kasim"`."""
    plain = unicodedata.normalize("NFC", text).translate(_APOSTROPHES).casefold()
    plain = unicodedata.normalize("NFKD", plain).casefold()
    plain = plain.translate(_APOSTROPHES).translate(_LETTERS)
    return " ".join("".join(_searched(character) for character in plain).split())


def tokens(text: str) -> list[str]:
    """The words somebody searches by, each once; their order does not matter."""
    return list(dict.fromkeys(fold(text).split()))


def findable(text: str) -> set[str]:
    """The words a name is found by: its tokens, and both ways of writing what people write in one word or two.

    O'Brien by `obrien` and by `o brien`, Abdul-Rahman and Abdul Rahman by `abdulrahman` too. A name stored as
    Abdulrahman is found by `abdul`, but not by `rahman`.
    """
    words = set(tokens(text)) | set(tokens(text.translate(dict.fromkeys(_APOSTROPHES, " "))))
    words |= {fold(part).replace(" ", "") for part in text.split()} - {""}
    for first, second in pairwise(fold(text).split()):
        if len(first) <= 2 or first in _PARTICLES:
            words.add(first + second)
    return words


def alike(a: str, b: str) -> bool:
    """Whether two names are near enough to be one person's, written twice.

    Words may stand in any order; one of the two may have names that the other lacks, if two at least agree; an
    initial stands for its name. Two letters may be wrong in all (Damerau-Levenshtein), one in a word of five letters
    or more, two in one of eight; Ada and Ade are two people. A warning is built on this, never a decision: Emmanuel
    and Emmanuella are alike as well. Jaro-Winkler would not do: the brothers Hassan and Hussain (0.86) are nearer
    by it than Muhammad and Mohammed (0.85), one man in two spellings.
    """
    words, others = sorted((fold(a).split(), fold(b).split()), key=len)
    if not words:
        return False
    if "".join(words) == "".join(others):
        return True
    if len(words) == 1 < len(others):
        return False
    left = list((Counter(words) - Counter(others)).elements())
    spare = list((Counter(others) - Counter(words)).elements())
    if len(left) > _SLIPS:
        return False
    wrong = {(word, other): _slips(word, other) for word in set(left) for other in set(spare)}
    return any(
        sum(wrong[pair] for pair in zip(left, chosen, strict=True)) <= _SLIPS
        for chosen in permutations(spare, len(left))
    )


def mistakable(people: Mapping[Key, BaseUser]) -> set[Key]:
    """Which of these people could be taken for another of them, by the name that is called out or clicked on.

    At most two letters apart in the whole name (Damerau-Levenshtein), or of one family with given names at most two
    letters apart or with the same first three letters, as Folasade and Folake (as `easilyConfused` of the screens).
    Wider than `alike`, on purpose: Ada and Ade are two people, and the one is called for the other.
    """
    whole = {key: fold(person.name) for key, person in people.items()}
    families: dict[str, dict[Key, str]] = defaultdict(dict)
    for key, person in people.items():
        families[fold(person.family_name)][key] = fold(person.given_name)
    near = {key for names in (whole, *families.values()) for key in names if _has_neighbour(key, names)}
    for given in families.values():
        begins = Counter(name[:3] for name in given.values())
        near |= {key for key, name in given.items() if begins[name[:3]] > 1}
    return near


def _has_neighbour(key: Key, names: Mapping[Key, str]) -> bool:
    near = process.extract_iter(names[key], names, scorer=DamerauLevenshtein.distance, score_cutoff=_SLIPS)
    return any(other != key for _, _, other in near)


def _slips(word: str, other: str) -> int:
    """How many letters are wrong between two different words; more than `_SLIPS` when they are two names."""
    if min(len(word), len(other)) == 1 and word[0] == other[0]:
        return 1
    longest = max(len(word), len(other))
    allowed = 0 if longest < 5 else 1 if longest < 8 else _SLIPS
    distance = DamerauLevenshtein.distance(word, other)
    return distance if distance <= allowed else _SLIPS + 1


def _unseen(character: str) -> bool:
    """Control, direction-changing, zero-width and blank characters, and those that are no characters."""
    category = unicodedata.category(character)
    return category[0] == "C" or category in {"Zl", "Zp"} or character in _BLANK or "\ufe00" <= character <= "\ufe0f"


def _searched(character: str) -> str:
    """What is left of one decomposed character: itself, nothing, or a gap between words."""
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf" or character in _BLANK:
        return ""
    return character if unicodedata.category(character)[0] in "LMN" else " "
