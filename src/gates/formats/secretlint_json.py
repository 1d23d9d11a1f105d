"""Secretlint's JSON (`--format json`), which names each file that was looked at, also a clean one.

It holds the whole text of each file, secrets included: what may be kept is what `render` makes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_json
from gates.formats.detect_secrets_json import ROUNDS
from gates.formats.strict_json import Value

MAX_BYTES = 256 * 1024 * 1024

TEXT, BINARY = "text", "binary"
KINDS = (TEXT, BINARY, "unknown")
"""What secretlint takes a file for; a binary one is not looked at, an unknown one is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One result.

    Attributes:
        rule: the rule's name.
        kind: what it calls the kind of secret.
        severity: secretlint's own word.
        line: 1-based.
        column: 1-based.
        secret: what was found, empty where the report does not hold the text. Not to be kept.
    """

    rule: str
    kind: str
    severity: str
    line: int
    column: int
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """One file.

    Attributes:
        path: as secretlint writes it, absolute.
        is_binary: it was taken for binary, and not looked at.
        text: what was looked at; None where the report does not hold it. Not to be kept.
        messages: what was found.
    """

    path: str
    is_binary: bool
    text: str | None = field(default=None, repr=False)
    messages: tuple[Message, ...] = ()


def parse(data: bytes, *, what: str) -> tuple[Looked, ...]:
    """Read a report.

    Raises:
        OutputUnreadable: not secretlint's JSON, a file is named twice, or one that was not looked
            at has results.
    """
    document = strict_json.read(data, what=what, max_bytes=MAX_BYTES)
    looked = tuple(_looked(entry) for entry in document.items())
    refuse_twice(looked, what=what)
    return looked


def refuse_twice(looked: Collection[Looked], *, what: str) -> None:
    """Refuse files that are named more than once, which would count twice.

    Raises:
        OutputUnreadable: with the first.
    """
    seen: set[str] = set()
    for each in looked:
        if each.path in seen:
            summary = f"`{each.path}` is named twice"
            raise OutputUnreadable("contradiction", summary, place=what)
        seen.add(each.path)


def render(looked: Mapping[str, Collection[Message]]) -> bytes:
    """The report that may be kept: files and places, and neither texts nor secrets.

    Args:
        looked: what was found in each file, by its path.
    """
    import json

    document = [
        {
            "filePath": path,
            "messages": [
                {
                    "ruleId": one.rule,
                    "severity": one.severity,
                    "line": one.line,
                    "column": one.column,
                }
                for one in messages
            ],
        }
        for path, messages in sorted(looked.items())
    ]
    return json.dumps(document, indent=1).encode()


def fingerprint(message: Message, path: str) -> str:
    """A name for a result by its secret, which it gives away to nobody who can only guess a little.

    PBKDF2 with HMAC-SHA-256; the salt is the rule and the path. Empty where the secret is unknown.
    """
    if not message.secret:
        return ""
    from hashlib import pbkdf2_hmac

    salt = f"secretlint\0{message.rule}\0{path}".encode("utf-8", "surrogatepass")
    secret = message.secret.encode("utf-8", "surrogatepass")
    return pbkdf2_hmac("sha256", secret, salt, ROUNDS, 16).hex()


def _looked(entry: Value) -> Looked:
    told, content = entry.member("sourceContentType"), entry.find("sourceContent")
    kind = told.text()
    if kind not in KINDS:
        raise told.unreadable(f"is `{kind[:40]}`, which is unknown")
    text = content.text() if content is not None else None
    # Places are counted in halves of UTF-16, as JavaScript has them.
    wide = text.encode("utf-16-le", "surrogatepass") if text is not None else b""
    messages = tuple(_message(each, wide) for each in entry.member("messages").items())
    if kind == BINARY and (messages or text is not None):
        raise entry.unreadable("is binary, and was looked at all the same")
    return Looked(
        path=entry.member("filePath").text(),
        is_binary=kind == BINARY,
        text=text,
        messages=messages,
    )


def _message(entry: Value, wide: bytes) -> Message:
    start = entry.member("loc", "start")
    line, column = start.member("line").count(), start.member("column").count() + 1
    if not line:
        raise start.unreadable("is before the first line")
    span = [each.count() for each in entry.member("range").items()]
    if len(span) != 2 or span[0] > span[1] or (wide and 2 * span[1] > len(wide)):  # noqa: PLR2004
        raise entry.unreadable("has a range outside of the text")
    found = wide[2 * span[0] : 2 * span[1]]
    return Message(
        rule=entry.member("ruleId").text(),
        kind=entry.member("messageId").text(),
        severity=entry.member("severity").text(),
        line=line,
        column=column,
        secret=found.decode("utf-16-le", "surrogatepass"),
    )
