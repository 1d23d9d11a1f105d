"""The shape of the file of waivers as pydantic models, of which its JSON Schema is made too.

What an entry needs is asked for by the reader, in words of its own; the models say what each value
may be. The field descriptions are what an editor shows.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from gates.config.wire import GATE_NAME, OWN_ERROR, Model
from gates.toolkit.door import one_line

FINGERPRINT = "^[0-9a-f]{32}$"
DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
MAX_DAYS = 366
"""How long a waiver may hold, from its first day to its last."""

_LONGEST = 1000
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0\U0001d159")
"""What Unicode calls letters and symbols, and every font shows as nothing."""


def _refused(slug: str, summary: str, hint: str) -> PydanticCustomError:
    context = {"slug": slug, "summary": summary, "hint": hint}
    return PydanticCustomError(OWN_ERROR, "{summary}", context)


def _line(text: str) -> str:
    """The text on one line; one that could steer a terminal or a reader's eye is refused."""
    folded = " ".join(text.split())
    if not folded:
        raise _refused("empty-value", "this holds nothing but blanks", "write what is meant")
    if one_line(folded, limit=_LONGEST) != folded:
        summary = "this holds characters that cannot be shown"
        raise _refused("bad-text", summary, "leave out control characters and the like")
    if not any(_is_seen(char) for char in folded):
        raise _refused("empty-value", "this holds nothing that can be seen", "write what is meant")
    return folded


def _is_seen(char: str) -> bool:
    """Whether it is a letter, digit, sign or symbol that has a shape of its own."""
    return unicodedata.category(char)[0] in "LNPS" and char not in _BLANKS


def _day(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or re.fullmatch(DAY, text) is None:
        summary = f"`{text[:80]}` is no day"
        raise _refused("bad-date", summary, "write year, month and day, as in `2026-01-31`")
    return text


def _scope(text: str) -> str:
    """A relative path or a name, in the one spelling that findings use."""
    parts = text.rstrip("/").split("/")
    if not parts[0] or any(part in {"", ".", ".."} for part in parts):
        summary = f"`{text[:80]}` is neither a path within the project nor a package"
        hint = "write it as in `src/orders`, `src/orders/mail.py` or `jinja2`"
        raise _refused("bad-scope", summary, hint)
    return "/".join(parts)


LineText = Annotated[str, Field(min_length=1, max_length=_LONGEST), AfterValidator(_line)]
Day = Annotated[
    str,
    Field(min_length=1, json_schema_extra={"pattern": DAY, "format": "date"}),
    AfterValidator(_day),
]
Scope = Annotated[LineText, AfterValidator(_scope)]


class WaiverEntry(Model):
    """An exception to one finding or one condition of a gate."""

    gate: LineText = Field(
        default="",
        description="The gate that it applies to.",
        json_schema_extra={"pattern": GATE_NAME},
    )
    finding: LineText = Field(
        default="", description="Rule, alias or fingerprint of the finding that it covers."
    )
    condition: LineText = Field(
        default="",
        description='Metric of the condition that it covers: `line`, `p95{endpoint="GET /x"}`.',
    )
    scope: Scope = Field(
        default="",
        description="Where the finding must be: a file, a folder, or a package.",
    )
    reason: LineText = Field(default="", description="Why the exception is made.")
    owner: LineText = Field(default="", description="The person who answers for it.")
    created: Day = Field(default="", description="The first day on which it holds (UTC).")
    expires: Day = Field(
        default="",
        description=f"The last day on which it holds (UTC), at most {MAX_DAYS} after the first.",
    )


class WaiversHead(Model):
    """All that the file says beside its waivers."""

    version: Literal[1] = Field(description="The version of this file's form.")


class WaiversFile(WaiversHead):
    """Exceptions: dated, reasoned, owned, expiring."""

    waivers: list[WaiverEntry] = Field(description="The exceptions, in any order.")
