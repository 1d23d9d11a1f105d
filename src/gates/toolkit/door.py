"""The one door through which foreign text passes before it is shown or recorded.

Foreign is whatever a tool, a checkout or a server wrote. Behind the door it can neither steer a
terminal (ECMA-48 control sequences, window titles, the clipboard, hidden links), nor reorder what a
reader sees (Unicode's bidirectional controls), nor carry a secret of the environment.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping

MASK = "***"
_MIN_SECRET_LENGTH = 8
_SECRET_WORDS = (
    "TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "API_KEY", "APIKEY", "ACCESS_KEY",
    "PRIVATE_KEY", "SIGNING_KEY", "ENCRYPTION_KEY", "CREDENTIAL", "DSN",
)  # fmt: skip
_BREAKS = "\r\x85\u2028\u2029"
_SECRET_ENDINGS = ("_PAT", "_PWD", "_AUTH")


def neutralise(text: str | bytes) -> str:
    """The text without anything that a terminal or a reader's eye could be steered with.

    Whole escape sequences go; a sequence without its end loses only its start, so that it cannot
    hide what follows. Carriage returns and Unicode's own line breaks become line feeds. Of the
    other control characters only tab and line feed stay. Bytes that are not UTF-8 and lone
    surrogates become U+FFFD.
    """
    decoded = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    if decoded.isascii() and decoded.isprintable():
        return decoded
    broken = decoded.replace("\r\n", "\n").translate(dict.fromkeys(map(ord, _BREAKS), "\n"))
    kept = _unsafe_pattern().sub("", broken)
    return re.sub("[\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", kept)


def one_line(text: str | bytes, *, limit: int = 300) -> str:
    """The neutralised text on one line, blanks folded, cut to `limit` characters."""
    return _cut(" ".join(neutralise(text).split()), limit)


def unbroken(text: str) -> str:
    """The text on one safe line with all its blanks; a line feed or a tab becomes a space."""
    if text.isprintable():
        return text
    return neutralise(text).replace("\n", " ").replace("\t", " ")


class Redactor:
    """Masks the secrets of an environment, and well-known shapes of tokens, in text.

    A variable counts as secret by its name, when its value has at least 8 characters; so does the
    password in any URL. Masked are the value, each line of it with at least 8 characters, and what
    JSON, URLs, XML, `repr` and base64 make of them.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        forms: set[str] = set()
        for secret in _secrets(environ):
            forms.update(_forms(secret))
        # A form of stars alone would be found in the mask itself.
        usable = {form for form in forms if len(form) >= _MIN_SECRET_LENGTH and form.strip("*")}
        self._forms = tuple(sorted(usable, key=lambda form: (-len(form), form)))

    def redact(self, text: str) -> str:
        """The text with every secret replaced by `***`."""
        # One search a form: `in` runs at memory speed, an alternation of hundreds does not.
        for form in self._forms:
            if form in text:
                text = text.replace(form, MASK)
        return _shape_pattern().sub(_mask_shape, text)


class Door:
    """Neutralises and redacts, in the order in which neither undoes the other."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def text(self, raw: str | bytes) -> str:
        """Foreign text of any number of lines, made safe."""
        return self._redactor.redact(neutralise(raw))

    def line(self, raw: str | bytes, *, limit: int = 300) -> str:
        """Foreign text on one safe line of at most `limit` characters.

        Redacted before blanks are folded and again after, and cut last: half a secret is one too.
        """
        folded = " ".join(self.text(raw).split())
        return _cut(self._redactor.redact(folded), limit)

    def name(self, raw: str | bytes) -> str:
        """A foreign path on one safe line, uncut and with its blanks: it is looked up by it."""
        return unbroken(self._redactor.redact(neutralise(raw)))


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + "…"


@functools.cache
def _unsafe_pattern() -> re.Pattern[str]:
    """What goes: whole control sequences (ECMA-48), lone control characters, text direction."""
    return re.compile(
        r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor, clearing
        # OSC, DCS, SOS, PM, APC: window titles, links, the clipboard; ended by BEL or ST
        r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)"
        r"|\x1b[ -/]*[0-~]"
        r"|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
        r"|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
        r"|[\U000e0000-\U000e007f]"  # invisible copies of ASCII
    )


@functools.cache
def _shape_pattern() -> re.Pattern[str]:
    """Shapes of secrets that are known whatever the environment says; group `keep` stays."""
    return re.compile(
        r"\bgh[oprsu]_[A-Za-z0-9]{36,255}"
        r"|\bgithub_pat_[A-Za-z0-9_]{22,255}"
        r"|\bglpat-[A-Za-z0-9_-]{20,255}"
        r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
        r"|\bxox[abeprs]-[A-Za-z0-9-]{10,255}"
        r"|\b[rs]k_live_[A-Za-z0-9]{16,255}"
        r"|\bpypi-[A-Za-z0-9_-]{50,1024}"
        r"|\beyJ[A-Za-z0-9_-]{8,4096}\.eyJ[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]{1,4096}"
        r"|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:[^-]|-(?!----)){0,16384}"
        r"(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?"
        r"|(?P<keep>(?i:authorization[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?:basic|bearer|token)\s{1,3}"
        r"|\bbearer\s{1,3}(?=\S{20})))[A-Za-z0-9._~+/=-]{8,4096}"
        r"|(?<=://)(?:[^\s/@:\"'<>]{0,255}:[^\s/@\"'<>]{0,255}|[^\s/@:\"'<>]{16,255})(?=@)"
    )


def _mask_shape(match: re.Match[str]) -> str:
    return (match["keep"] or "") + MASK


def _secrets(environ: Mapping[str, str]) -> Iterator[str]:
    for name, value in environ.items():
        upper = name.upper()
        if any(word in upper for word in _SECRET_WORDS) or upper.endswith(_SECRET_ENDINGS):
            yield value
        if "://" in value:
            yield from _url_passwords(value)


def _url_passwords(text: str) -> Iterator[str]:
    """The password of a URL, as written and decoded; one equal to its user hides nothing."""
    from urllib.parse import unquote

    for rest in text.split("://")[1:]:
        authority, at, _ = rest.rpartition("@")
        user, colon, password = authority.partition(":")
        if at and colon and password != user:
            yield from (password, unquote(password))


def _forms(secret: str) -> Iterator[str]:
    """The ways in which a secret may appear: whole, by line, and derived."""
    yield from _derived(secret)
    for line in secret.splitlines():
        if len(line.strip()) >= _MIN_SECRET_LENGTH and line.strip() != secret:
            yield from _derived(line.strip())


def _derived(secret: str) -> Iterator[str]:
    import json
    from html import escape
    from urllib.parse import quote, quote_plus

    if len(secret) < _MIN_SECRET_LENGTH:
        return
    raw = secret.encode("utf-8", "surrogateescape")
    yield from (secret, neutralise(secret), " ".join(neutralise(secret).split()))
    yield from (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    yield from (repr(secret)[1:-1], repr(raw)[2:-1])
    for quoted in (quote(raw, safe=""), quote(raw), quote_plus(raw)):
        yield from (quoted, _lower_escapes(quoted))
    for escaped in (escape(secret), escape(secret, quote=False)):
        yield from (
            escaped,
            escaped.replace("&#x27;", "&apos;"),
            escaped.replace("&#x27;", "&#39;"),
        )
    yield from _base64_forms(raw)


def _lower_escapes(quoted: str) -> str:
    return re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), quoted)


def _base64_forms(raw: bytes) -> Iterator[str]:
    """What base64 makes of the bytes wherever they stand: at each of the three offsets.

    The characters at both ends that also depend on a neighbour are left out.
    """
    from base64 import b64encode, urlsafe_b64encode

    yield b64encode(raw).decode("ascii")
    yield b64encode(raw).decode("ascii").rstrip("=")
    for offset in range(3):
        first = (offset * 8 + 5) // 6
        last = (offset + len(raw)) * 8 // 6
        for encode in (b64encode, urlsafe_b64encode):
            yield encode(b"\0" * offset + raw).decode("ascii")[first:last]
