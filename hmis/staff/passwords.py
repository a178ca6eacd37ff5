"""Passwords: which are good enough, and how they are kept (argon2id). Checking one takes the same time for a name
that nobody has.

Hashing is slow on purpose: it is never done while a write transaction is open.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from hmis.core.access import Role
from hmis.core.errors import Invalid

SHORTEST = 8
"""Characters (OWASP ASVS 5.0, 6.2.1)."""
SHORTEST_FOR_ADMIN = 15
LONGEST = 200
DEMO_PASSWORD = "hmis-demo"  # noqa: S105 - everybody is told it; production refuses to start with it

_ROUNDS = 2
_COMMON = frozenset(
    """
    abc abcd access account admin administrator adobe amanda andrew angel anthony apple arsenal asdf ashley
    azerty babygirl bailey baseball basketball batman beautiful biscuit blessed blessing butterfly change changeit
    changeme charlie chelsea chidi chocolate chris christ code computer cookie cool daniel default demo dragon earth
    emmanuel enter ever family favour flower football forever forget freedom friend friends george ginger god
    godisgood google grace guest hannah happy harley hello hockey home hunter iloveyou internet jennifer jessica jesus
    jordan joshua justin killer king lagos let letmein liverpool login london love lovely loveme lover madison maggie
    manager manchester mary master matthew maverick me mercy michael michelle monday money monkey mother mustang
    naija name new nicole nigeria abuja enugu ibadan kano nothing office oracle passphrase pass password passwort
    patrick peace pepper phoenix player please pokemon power princess purple qazwsx qwer qwerty
    qwertyuiop rainbow robert root samsung secret secure shadow silver soccer sophie spring starwars summer sunday
    sunshine superman superstar support system teacher temp temporary test testing thomas tigger today trustno
    trustnoone unknown user username victoria welcome whatever william winner winter autumn work world yellow you zxcv
    zxcvbn zxcvbnm january february march april june july august september october november december
    """.split()  # noqa: SIM905 - to be read
)
_HOSPITAL = frozenset(
    """
    hmis hospital clinic clinical ward theatre doctor doctors doc dr nurse nurses nursing matron sister midwife surgeon
    surgery pharmacist pharmacy record records recordofficer officer patient patients medicine medical medic health
    healthcare emergency general teaching staff laboratory lab paracetamol malaria injection ambulance bed
    """.split()  # noqa: SIM905 - to be read
)
_ROWS = (
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertyuiopasdfghjklzxcvbnm",
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
    "q1w2e3r4t5y6u7i8o9p0",
    "1q2w3e4r5t6y7u8i9o0p",
)
_LOOKALIKES = str.maketrans("013457@$!|", "oieastasil")


def hashed(password: str, memory_kib: int) -> str:
    """What is stored of a password. Says nothing about whether it is a good one."""
    return _hasher(memory_kib).hash(_composed(password))


def matches(stored: str | None, password: str, memory_kib: int) -> bool:
    """Whether it is the password. With nothing stored the answer is no, after the same work."""
    against = stored or _nobodys(memory_kib)
    try:
        _hasher(memory_kib).verify(against, _composed(password))
    except VerifyMismatchError:
        return False
    return stored is not None


def outdated(stored: str, memory_kib: int) -> bool:
    """Whether it was hashed with other parameters than those of today."""
    return _hasher(memory_kib).check_needs_rehash(stored)


def warm_up(memory_kib: int) -> None:
    """Prepare what the first sign-in would else wait for."""
    _nobodys(memory_kib)


def refuse_weak(password: str, role: Role, about: Iterable[str] = ()) -> None:
    """Raise `Invalid` for a password that is short or easily guessed. `about`: the person's own names."""
    shortest = SHORTEST_FOR_ADMIN if role is Role.ADMIN else SHORTEST
    if len(password) < shortest:
        raise _weak(f"at least {shortest} characters")
    if len(password) > LONGEST:
        raise _weak(f"at most {LONGEST} characters")
    text = _composed(password).casefold()
    if len(set(text)) < 4 or _is_pattern(text):
        raise _weak("that is a pattern everybody tries first; take three or four words that do not belong together")
    if text.isdigit():
        raise _weak("not digits alone; take three or four words that do not belong together")
    own = {word for name in about for word in _spellings(name) if len(word) > 2}
    if any(_is_common(spelling, own) for spelling in _spellings(text)):
        raise _weak("one of the words everybody tries first, or a name; take words that do not belong together")


def _weak(why: str) -> Invalid:
    return Invalid(f"choose another password: {why}", fields={"new_password": why})


def _is_pattern(text: str) -> bool:
    """Whether it runs along a row of the keyboard, the digits or the alphabet, in either direction."""
    keys = re.sub(r"[\W_]+", "", text)
    return len(keys) > 5 and any(keys in row * 2 or keys[::-1] in row * 2 for row in _ROWS)


def _is_common(letters: str, own: set[str]) -> bool:
    """Whether it is one or two well-known words, whatever digits and signs stood around them."""
    known = _COMMON | _HOSPITAL | own
    return any(letters[:cut] in known and letters[cut:] in known | {""} for cut in range(1, len(letters) + 1))


def _spellings(text: str) -> set[str]:
    """The letters of a text, plainly and with look-alikes undone: `P@ssw0rd2026!` is also `password`."""
    text = text.casefold()
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)
    spellings = (text, core.translate(_LOOKALIKES), text.translate(_LOOKALIKES))
    return {letters for letters in (re.sub(r"[\W\d_]+", "", spelling) for spelling in spellings) if letters}


def _composed(password: str) -> str:
    """One form for letters that keyboards write in several (RFC 8265, OpaqueString)."""
    return unicodedata.normalize("NFC", password)


@lru_cache(maxsize=8)
def _hasher(memory_kib: int) -> PasswordHasher:
    return PasswordHasher(time_cost=_ROUNDS, memory_cost=memory_kib, parallelism=1)


@lru_cache(maxsize=8)
def _nobodys(memory_kib: int) -> str:
    return hashed("the password of nobody at all", memory_kib)
