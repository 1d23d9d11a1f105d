"""A service's log, line by line: JSON with time, level, message and correlation, and no leaks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_json
from gates.formats.json_pointer import escape
from gates.formats.log_leaks import CARD, Leak, Leaks
from gates.formats.log_texts import texts

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
_NO_ID = re.compile(r"(?i)[-_.?0]*|none|null|nil|n/?a|unknown|undefined|(?:0+-)+0+")
_LEVELS = frozenset(
    """
    alert audit config crit critical debug default e emerg emergency err error f fatal fine finer
    finest http i info information informational log notice panic security severe silly success t
    trace v verbose w warn warning d
    """.split()  # noqa: SIM905 - a list of so many words would be unreadable
)
_MOST_LEVEL = 100


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
        unjoined: the lines, 1-based, whose correlation id is a mere `-`, but which else hold all.
        joined: how many lines have one that tells something.
        odd_levels: levels that nobody knows, with their lines.
        other_days: days on which nothing was measured, with their lines.
    """

    lines: int = 0
    structured: int = 0
    places: dict[tuple[str, str], Place] = field(default_factory=dict)
    unjoined: list[int] = field(default_factory=list)
    joined: int = 0
    odd_levels: dict[str, int] = field(default_factory=dict)
    other_days: dict[str, int] = field(default_factory=dict)

    def put(self, rule: str, pointer: str, shown: str, at: int) -> None:
        """Count something that is wrong with a line."""
        place = self.places.setdefault((rule, pointer), Place(rule, pointer, at, shown=shown))
        place.lines += 1


def tally(data: bytes, keys: Keys, leaks: Leaks, today: date | None = None) -> Tally:
    """Look at each line of a log.

    Args:
        data: the log.
        keys: where a line tells what it must.
        leaks: what may not stand in clear.
        today: the day (UTC) on which it was written; None where that is not known.
    """
    found = Tally()
    for at, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        found.lines += 1
        wrong, members = _structure(line, keys)
        for rule, pointer in wrong:
            found.put(rule, pointer, "", at)
        found.structured += not wrong
        if members is not None:
            _tell(found, members, keys, today, 0 if wrong else at)
        seen: set[tuple[str, str]] = set()
        for pointer, leak in _leaks(line, members, leaks, keys.correlation):
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


def _tell(
    found: Tally, members: Mapping[str, object], keys: Keys, today: date | None, at: int
) -> None:
    """What of a line is odd, though nothing is missing; `at` is 0 where something is."""
    told = _told(members, keys.correlation)
    if told and not _NO_ID.fullmatch(told[1].strip()):
        found.joined += 1
    elif told and at:
        found.unjoined.append(at)
    level = _told(members, keys.level)
    if level and not _is_level(level[1].strip()):
        found.odd_levels[level[1]] = found.odd_levels.get(level[1], 0) + 1
    time = _told(members, keys.time)
    if today and time and is_time(time[1]):
        day = date.fromisoformat(time[1][:10])
        if abs((day - today).days) > 1:
            found.other_days[day.isoformat()] = found.other_days.get(day.isoformat(), 0) + 1


def _is_level(text: str) -> bool:
    return text.lower() in _LEVELS or (text.isdecimal() and int(text[:4]) <= _MOST_LEVEL)


def _leaks(
    line: bytes, members: Mapping[str, object] | None, leaks: Leaks, ids: tuple[str, ...]
) -> Iterator[tuple[str, Leak]]:
    if members is None:
        for leak in leaks.of(line[:MAX_LINE_BYTES].decode("utf-8", "replace")):
            yield "", leak
        return
    names = {name.rpartition(".")[2] for name in ids}
    for pointer, key, text in texts(members):
        is_id = key in names and text.isdecimal()
        for leak in (*leaks.under(key, text), *leaks.of(text)):
            if not (is_id and leak.rule == CARD):  # one number in ten has the check digit of a card
                yield pointer, leak
