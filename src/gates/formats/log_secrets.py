"""Values under names that say that they are secret: in documents, and as NAME=VALUE in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator

_PASSWORDS = r"password|passwd|pwd|passphrase|pin"
_OTHERS = (
    r"secret|token|api[_-]?key|(?:private|access|secret|signing|encryption)[_-]?key|authorization"
    r"|set[_-]cookie|cookie|j?session[_-]?id|phpsessid|credentials?|cvv|cvc|otp|jwt"
)
_AGAIN = r"(?:[_-]?(?:confirmation|confirm|repeat|repeated|again|verification|verify|old|new))?"
_NUMBERED = r"(?:[_-]?[0-9]{1,2})?"
_SECRET_NAME = re.compile(
    rf"(?i)(?:^|[_.-])(?:(?:{_PASSWORDS}){_AGAIN}|{_OTHERS}){_NUMBERED}$"
    rf"|(?:password{_AGAIN}|secret|token|apikey){_NUMBERED}$"
)
_HIDDEN = re.compile(
    r"(?i)\*+|x+|\.{2,}|…+|•+|[<\[(]?(?:redacted|masked|filtered|hidden|removed|omitted)[>\])]?"
)
_STATES = frozenset(
    """
    absent accepted basic bearer cached changed created deleted denied digest disabled empty
    enabled error expired failed false found generated granted incorrect invalid issued length
    malformed mismatch missing needed nil no none null ok optional present provided refreshed
    rejected required reset revoked rotated set str string text too true undefined unknown unset
    unused updated used valid verified weak wrong yes
    """.split()  # noqa: SIM905 - a list of so many words would be unreadable
)
"""Words that tell how a secret fares, and are none."""

_PLACEHOLDER = re.compile(
    r"\$[{(].*|\$[0-9]{1,2}|\$[A-Z_][A-Z0-9_]*|%(?:s|\(\w*\)?s?)|\{.*|:[a-zA-Z_]\w*|\?[0-9]*|<[^>]*>?"
)
"""Where a value would be filled in: of shells, SQL and templates."""

_CODE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*[(\[].*|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
"""An expression of a program, as the lines of a traceback hold."""

_HINT = re.compile(r"(?i)pass|pwd|pin|secret|token|key|auth|cookie|sess|cred|cvv|cvc|otp|jwt")
_NAMED = re.compile(
    r"(?P<lead>(?:^|[?&;{,]|\\*[\"'])?)(?<![\w.-])(?P<name>[A-Za-z][\w.-]{0,63})"
    r"(?P<quote>\\*[\"'])?(?P<before>[ \t]{0,3})(?P<sign>=>|:=|=|:)(?P<after>[ \t]{0,3})"
    r"(?P<scheme>(?i:basic|bearer|token|digest|apikey)[ \t]{1,3})?"
    r"(?P<open>\\*[\"'])?(?P<value>[^\s\"'\\&,;}\])]{1,4096})",
    re.ASCII,
)
_PARSED = re.compile(r"(?i)(?:unexpected|expected|illegal)[ \t]{1,3}[\"'`]?\Z")
_SHORTEST = 4


def is_secret_name(name: str) -> bool:
    """Whether a name says that what stands under it is secret."""
    return _SECRET_NAME.search(name) is not None


def is_plain(value: str) -> bool:
    """Whether a value under such a name stands in clear: not masked, and no word of how it is."""
    bare = value.strip()
    return bool(bare) and _HIDDEN.fullmatch(bare) is None and bare.lower() not in _STATES


def looks_secret(value: str) -> bool:
    """Whether a value is no word of prose: it holds a digit or a sign besides its letters."""
    scheme, blank, rest = value.strip().partition(" ")
    if blank and scheme.lower() in {"basic", "bearer", "token", "digest", "apikey"}:
        return bool(rest)
    bare = value.strip().rstrip(".:!?")
    if len(bare) < _SHORTEST or _CODE.fullmatch(bare):
        return False
    return not bare.isalpha() and (" " not in bare or "=" in bare)


def named_values(text: str) -> Iterator[str]:
    """The secrets that a text holds as NAME=VALUE, `NAME: VALUE` or `"NAME": "VALUE"`."""
    if ("=" not in text and ":" not in text) or not _HINT.search(text):
        return
    at = 0
    while found := _NAMED.search(text, at):
        if is_secret_name(found["name"]):
            if _is_secret(found, text):
                yield found["value"]
            at = found.end()
        else:
            at = found.end("sign")  # the value may itself be a name, as in `body: password=x`


def _is_secret(found: re.Match[str], text: str) -> bool:
    name, value = found["name"].lower(), _decoded(found["value"])
    is_folder = name == "pwd" and value.startswith("/")
    if not is_plain(value) or _PLACEHOLDER.fullmatch(value) or is_folder or value.lower() == name:
        return False
    is_tight = found["sign"] == "=" and not found["before"] and not found["after"]
    is_of_form = found["lead"][:1] in {"?", "&"} or text[found.end() :][:1] == "&"
    if found["scheme"] or (found["quote"] and found["open"]) or (is_tight and is_of_form):
        return True
    is_code = _CODE.fullmatch(value) is not None or value.startswith("=")
    if is_code or is_tight or found["open"]:
        return not is_code
    is_of_parser = _PARSED.search(text, 0, found.start("name")) is not None
    return looks_secret(value) and not is_of_parser


def _decoded(value: str) -> str:
    if "%" not in value:
        return value
    from urllib.parse import unquote

    return unquote(value)
