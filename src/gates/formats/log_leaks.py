"""Secrets and personal data in a text: what a log must never hold in clear."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from gates.formats.log_secrets import is_plain, is_secret_name, named_values
from gates.toolkit.door import Redactor

EMAIL = "log/email"
PHONE = "log/phone"
IBAN = "log/iban"
CARD = "log/card"
TOKEN = "log/token"  # noqa: S105 - the name of a rule
SECRET_KEY = "log/secret-key"  # noqa: S105 - the name of a rule  # pragma: allowlist secret
MADE_UP = "log/made-up"

WORDS = {
    EMAIL: "an e-mail address",
    PHONE: "a phone number",
    IBAN: "an account number (IBAN)",
    CARD: "a card number",
    TOKEN: "a token, key or password",
    SECRET_KEY: "a value under a name that says it is secret",  # pragma: allowlist secret
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
        seen: set[str] = set()
        for each in (text, *_decoded(text)):
            found = [leak for leak in self._shaped(each) if leak.rule not in seen]
            seen.update(leak.rule for leak in found)
            yield from found

    def under(self, key: str, value: str) -> Iterator[Leak]:
        """Whether a value stands under a name that says that it is secret."""
        if is_secret_name(key) and is_plain(value) and not self.is_allowed(value):
            yield Leak(SECRET_KEY, "")

    def is_allowed(self, text: str) -> bool:
        """Whether a pattern allows it."""
        return any(fnmatchcase(text, pattern) for pattern in self.allow)

    def _shaped(self, text: str) -> Iterator[Leak]:
        """What one reading of a text holds."""
        bare = _MASKED.sub("://", text)
        if _redactor().redact(bare) != bare and not self.is_allowed(text):
            yield Leak(TOKEN, "")
        elif any(not self.is_allowed(value) for value in named_values(text)):
            yield Leak(SECRET_KEY, "")
        for rule, is_possible, pattern, is_one in _SHAPES:
            if not is_possible(text):
                continue
            for found in pattern.finditer(text):
                if is_one(found) and not self.is_allowed(found[0]):
                    yield Leak(rule, f"{found[0][:2]}…")


def blind(leaks: Leaks) -> tuple[str, ...]:
    """The rules whose seeded text is not found: an allowed pattern covers all of them."""
    return tuple(
        rule for rule, text in SEEDED if rule not in {leak.rule for leak in leaks.of(text)}
    )


def _decoded(text: str) -> tuple[str, ...]:
    """What a text says once addresses (RFC 3986) and HTML in it are decoded, where that differs."""
    if "%" not in text and "&" not in text:
        return ()
    from html import unescape
    from urllib.parse import unquote

    found = text
    for _ in range(_DECODINGS):
        found = unescape(unquote(found))
    return (found,) if found != text else ()


def _mailed(found: re.Match[str]) -> bool:
    """Whether it is an address, and no version (`name@1.2.3-rc.beta`) or place of a repository."""
    local, _, domain = found[0].partition("@")
    after = found.string[found.end() :][:1]
    is_remote = local in _REMOTE_USERS and after in {":", "/"}
    is_user = found.string[: found.start()].endswith("://") and after in {"", "/", ":", " ", '"'}
    return not (_VERSION.match(domain) or is_remote or is_user)


def _luhn(found: re.Match[str]) -> bool:
    """Whether digits are a card number: a known range, and the check digit (ISO/IEC 7812)."""
    digits = re.sub(r"[ -]", "", found[0])
    if not _CARD_RANGE.fullmatch(digits):
        return False
    total = 0
    for at, sign in enumerate(reversed(digits)):
        value = int(sign) * (1 + at % 2)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - the sum of two digits
    return total % 10 == 0


def _mod97(found: re.Match[str]) -> bool:
    """Whether an IBAN's check digits hold (ISO 13616)."""
    plain = found[0].replace(" ", "")
    if not _LEAST_IBAN <= len(plain) <= _MOST_IBAN:
        return False
    moved = plain[4:] + plain[:4]
    return int("".join(str(int(sign, 36)) for sign in moved)) % 97 == 1


def _dialled(found: re.Match[str]) -> bool:
    """Whether it has as many digits as a number of the telephone network (E.164).

    North American numbers have ten after the 1, the first of which is at least 2. Six zeros at the
    end are those of a round amount.
    """
    digits = re.sub(r"[^0-9]", "", found[0])
    if digits.startswith("1") and not _NANP.fullmatch(digits):
        return False
    return _LEAST_DIGITS <= len(digits) <= _MOST_DIGITS and not digits.endswith("000000")


def _has_digit(text: str) -> bool:
    return not text.isalpha()


@functools.cache
def _redactor() -> Redactor:
    return Redactor({})


_Test = Callable[[re.Match[str]], bool]

_SHORTEST = 5
_LEAST_IBAN, _MOST_IBAN = 15, 34
_LEAST_DIGITS, _MOST_DIGITS = 8, 15
_MASKED = re.compile(r"://[^\s/@:]{0,255}:\*+@")
_CARD_RANGE = re.compile(
    r"4[0-9]{12}(?:[0-9]{3}){0,2}|5[1-5][0-9]{14}|2[2-7][0-9]{14}|3[47][0-9]{13}"
    r"|6(?:011|5[0-9]{2}|4[4-9][0-9])[0-9]{12}"
)
_DECODINGS = 2
_NANP = re.compile(r"1[2-9][0-9]{9}")
_VERSION = re.compile(r"v?[0-9]+\.[0-9]")
_REMOTE_USERS = frozenset({"git", "hg", "svn"})
_SHAPES: Sequence[tuple[str, Callable[[str], bool], re.Pattern[str], _Test]] = (
    (
        EMAIL,
        lambda text: "@" in text,
        re.compile(
            r"(?<![\w.%+-])[\w.%+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,7}"
            r"\.(?:xn--[A-Za-z0-9-]{1,59}|[^\W\d_]{2,63})(?![\w@-])"
        ),
        _mailed,
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
