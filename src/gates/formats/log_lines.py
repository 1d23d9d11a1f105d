"""A service's log, line by line: JSON with time, level, message and correlation, and no leaks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_json
from gates.formats.json_pointer import escape
from gates.formats.log_leaks import Leak, Leaks

NOT_JSON = "log/not-json"
NO_TIME = "log/no-time"
NOT_UTC = "log/not-utc"
NO_LEVEL = "log/no-level"
NO_MESSAGE = "log/no-message"
NO_CORRELATION = "log/no-correlation"

MAX_LINE_BYTES = 1 << 20
"""A longer line is no line of a log."""

_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:[.,]\d{1,9})?(?P<zone>[Zz]|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_UTC = frozenset({"Z", "z", "+00:00"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The names under which a line tells what it must; one of each is enough.

    Attributes:
        time: of the time.
        level: of the level.
        message: of the message.
        correlation: of the id that joins the lines of one request; none where it is not asked.
    """

    time: tuple[str, ...]
    level: tuple[str, ...]
    message: tuple[str, ...]
    correlation: tuple[str, ...]


@dataclass(slots=True)
class Place:
    """Where one thing is wrong.

    Attributes:
        rule: what.
        pointer: the JSON pointer of the value, with `*` for the items of arrays; empty for a line.
        first: the first line, 1-based.
        lines: how many lines.
        shown: the first signs of what was found, or empty.
    """

    rule: str
    pointer: str
    first: int
    lines: int = 0
    shown: str = ""


@dataclass(slots=True)
class Tally:
    """What was seen of a log.

    Attributes:
        lines: how many lines it has, empty ones left out.
        structured: how many of them hold all that they must.
        places: what is wrong, by rule and pointer.
    """

    lines: int = 0
    structured: int = 0
    places: dict[tuple[str, str], Place] = field(default_factory=dict)

    def put(self, rule: str, pointer: str, shown: str, at: int) -> None:
        """Count something that is wrong with a line."""
        place = self.places.setdefault((rule, pointer), Place(rule, pointer, at, shown=shown))
        place.lines += 1


def tally(data: bytes, keys: Keys, leaks: Leaks) -> Tally:
    """Look at each line of a log."""
    found = Tally()
    for at, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        found.lines += 1
        wrong, members = _structure(line, keys)
        for rule, pointer in wrong:
            found.put(rule, pointer, "", at)
        found.structured += not wrong
        seen: set[tuple[str, str]] = set()
        for pointer, leak in _leaks(line, members, leaks):
            if (leak.rule, pointer) not in seen:
                seen.add((leak.rule, pointer))
                found.put(leak.rule, pointer, leak.shown, at)
    return found


def is_time(text: str) -> bool:
    """Whether a text is a date and time of RFC 3339, its zone left out of account."""
    found = _TIME.fullmatch(text)
    if found is None:
        return False
    try:
        datetime.fromisoformat(f"{found[1]}T{found[2]}")
    except ValueError:
        return False
    return True


def is_utc(text: str) -> bool:
    """Whether it is one in UTC: `Z` or `+00:00` (`-00:00` says that the zone is not known)."""
    found = _TIME.fullmatch(text)
    return found is not None and found["zone"] in _UTC


def _structure(
    line: bytes, keys: Keys
) -> tuple[list[tuple[str, str]], Mapping[str, object] | None]:
    """What a line lacks, with where it should stand; and its members, None where it has none."""
    if len(line) > MAX_LINE_BYTES:
        return [(NOT_JSON, "")], None
    try:
        document = strict_json.loads(line, what="line")
    except OutputUnreadable:
        return [(NOT_JSON, "")], None
    if not isinstance(document, dict):
        return [(NOT_JSON, "")], None
    wrong = [
        (rule, "")
        for rule, names in (
            (NO_LEVEL, keys.level),
            (NO_MESSAGE, keys.message),
            (NO_CORRELATION, keys.correlation),
        )
        if names and not _told(document, names)
    ]
    time = _told(document, keys.time)
    if not time or not is_time(time[1]):
        wrong.append((NO_TIME, f"/{escape(time[0])}" if time else ""))
    elif not is_utc(time[1]):
        wrong.append((NOT_UTC, f"/{escape(time[0])}"))
    return wrong, document


def _told(document: Mapping[str, object], names: tuple[str, ...]) -> tuple[str, str] | None:
    """The first of these members that tells something, as a text; a dot leads into objects."""
    for name in names:
        value: object = document.get(name)
        if value is None and "." in name:
            value = document
            for step in name.split("."):
                value = value.get(step) if isinstance(value, dict) else None
        is_number = isinstance(value, int) and not isinstance(value, bool)
        if (isinstance(value, str) and value.strip()) or is_number:
            return name, str(value)
    return None


def _leaks(
    line: bytes, members: Mapping[str, object] | None, leaks: Leaks
) -> Iterator[tuple[str, Leak]]:
    if members is None:
        for leak in leaks.of(line[:MAX_LINE_BYTES].decode("utf-8", "replace")):
            yield "", leak
        return
    for pointer, key, text in _texts(members, ""):
        for leak in (*leaks.under(key, text), *leaks.of(text)):
            yield pointer, leak


def _texts(value: object, pointer: str, key: str = "") -> Iterator[tuple[str, str, str]]:
    """All texts and numbers in a document: pointer, name and text; names are texts too."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            below = f"{pointer}/{escape(str(name))}"
            yield f"{pointer}/*", "", str(name)
            yield from _texts(item, below, str(name))
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, f"{pointer}/*", key)
    elif value is not None and not isinstance(value, bool):
        yield pointer, key, str(value)
