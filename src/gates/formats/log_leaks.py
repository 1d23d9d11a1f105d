"""Secrets and personal data in a text: what a log must never hold in clear."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from gates.toolkit.door import Redactor

EMAIL = "log/email"
PHONE = "log/phone"
IBAN = "log/iban"
CARD = "log/card"
TOKEN = "log/token"  # noqa: S105 - the name of a rule
SECRET_KEY = "log/secret-key"  # noqa: S105 - the name of a rule
MADE_UP = "log/made-up"

WORDS = {
    EMAIL: "an e-mail address",
    PHONE: "a phone number",
    IBAN: "an account number (IBAN)",
    CARD: "a card number",
    TOKEN: "a token, key or password",
    SECRET_KEY: "a value under a name that says it is secret",
    MADE_UP: "a value that the gate made up and that must not be written",
}
"""What each rule finds, in words."""

SEEDED = (
    (EMAIL, "planted@gates-canary.invalid"),
    (PHONE, "+49 30 901820"),
    (IBAN, "DE89 3704 0044 0532 0130 00"),
    (CARD, "4111 1111 1111 1111"),
    (TOKEN, "ghp_" + "Ab1" * 12),
)
"""One text for each rule of shapes, which it must find."""


@dataclass(frozen=True, slots=True)
class Leak:
    """One thing in clear.

    Attributes:
        rule: which kind.
        shown: its first signs, or empty where nothing of it may be shown.
    """

    rule: str
    shown: str


@dataclass(frozen=True, slots=True)
class Leaks:
    """Finds what must not stand in clear.

    Attributes:
        allow: patterns (`*@shop.example`) of texts that may.
        never: texts that must not, whatever their shape.
    """

    allow: tuple[str, ...] = ()
    never: tuple[str, ...] = ()

    def of(self, text: str) -> Iterator[Leak]:
        """What stands in a text."""
        for each in self.never:
            if each in text:
                yield Leak(MADE_UP, "")
        if len(text) < _SHORTEST:
            return
        bare = _MASKED.sub("://", text)
        if _redactor().redact(bare) != bare and not self.is_allowed(text):
            yield Leak(TOKEN, "")
        for rule, is_possible, pattern, is_one in _SHAPES:
            if not is_possible(text):
                continue
            for found in pattern.finditer(text):
                if is_one(found[0]) and not self.is_allowed(found[0]):
                    yield Leak(rule, f"{found[0][:2]}…")

    def under(self, key: str, value: str) -> Iterator[Leak]:
        """Whether a value stands under a name that says that it is secret."""
        is_plain = bool(value) and not _HIDDEN.fullmatch(value)
        if is_plain and _SECRET_NAME.search(key) and not self.is_allowed(value):
            yield Leak(SECRET_KEY, "")

    def is_allowed(self, text: str) -> bool:
        """Whether a pattern allows it."""
        return any(fnmatchcase(text, pattern) for pattern in self.allow)


def blind(leaks: Leaks) -> tuple[str, ...]:
    """The rules whose seeded text is not found: an allowed pattern covers all of them."""
    return tuple(
        rule for rule, text in SEEDED if rule not in {leak.rule for leak in leaks.of(text)}
    )


def _luhn(text: str) -> bool:
    """Whether digits are a card number: a known range, and the check digit (ISO/IEC 7812)."""
    digits = re.sub(r"[ -]", "", text)
    if not _CARD_RANGE.fullmatch(digits):
        return False
    total = 0
    for at, sign in enumerate(reversed(digits)):
        value = int(sign) * (1 + at % 2)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - the sum of two digits
    return total % 10 == 0


def _mod97(text: str) -> bool:
    """Whether an IBAN's check digits hold (ISO 13616)."""
    plain = text.replace(" ", "")
    if not _LEAST_IBAN <= len(plain) <= _MOST_IBAN:
        return False
    moved = plain[4:] + plain[:4]
    return int("".join(str(int(sign, 36)) for sign in moved)) % 97 == 1


def _dialled(text: str) -> bool:
    """Whether it has as many digits as a number of the telephone network (E.164)."""
    return _LEAST_DIGITS <= sum(sign.isdigit() for sign in text) <= _MOST_DIGITS


def _always(text: str) -> bool:
    del text
    return True


def _has_digit(text: str) -> bool:
    return not text.isalpha()


@functools.cache
def _redactor() -> Redactor:
    return Redactor({})


_SHORTEST = 5
_LEAST_IBAN, _MOST_IBAN = 15, 34
_LEAST_DIGITS, _MOST_DIGITS = 8, 15
_MASKED = re.compile(r"://[^\s/@:]{0,255}:\*+@")
_CARD_RANGE = re.compile(
    r"4[0-9]{12}(?:[0-9]{3}){0,2}|5[1-5][0-9]{14}|2[2-7][0-9]{14}|3[47][0-9]{13}"
    r"|6(?:011|5[0-9]{2}|4[4-9][0-9])[0-9]{12}"
)
_SECRET_NAME = re.compile(
    r"(?i)(?:^|[_.-])(?:password|passwd|pwd|passphrase|secret|token|api_?key|apikey|private_?key"
    r"|authorization|cookie|set-cookie|session_?id|credentials?|pin|cvv|cvc)$"
    r"|(?:Password|Secret|Token|ApiKey)$"
)
_HIDDEN = re.compile(r"(?i)\*+|x+|[<\[(]?(?:redacted|masked|filtered|hidden|removed)[>\])]?")
_SHAPES: Sequence[tuple[str, Callable[[str], bool], re.Pattern[str], Callable[[str], bool]]] = (
    (
        EMAIL,
        lambda text: "@" in text,
        re.compile(
            r"(?<![\w.%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"
        ),
        _always,
    ),
    (
        PHONE,
        lambda text: "+" in text,
        re.compile(r"(?<![\w+])\+[1-9][0-9 ()./-]{6,20}[0-9](?![\w:-])"),
        _dialled,
    ),
    (
        IBAN,
        _has_digit,
        re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30}(?![A-Za-z0-9])"),
        _mod97,
    ),
    (
        CARD,
        _has_digit,
        re.compile(r"(?<![0-9A-Za-z.-])[2-6](?:[ -]?[0-9]){12,18}(?![0-9A-Za-z-])"),
        _luhn,
    ),
)
