"""`gates/load/v1`: what a load generator of ours did, second by second, in lines of JSON.

    {"schema": "gates/load/v1", "generator": "load", "version": "0.1.0", "started": 1767225600.123,
     "endpoints": ["GET /orders"], "rate": 400.0, "connections": 50, "warmup_s": 5.0,
     "duration_s": 60.0}
    {"at": -5, "endpoint": 0, "times": [[1234, 2], [1250, 1]], "failed": {"status 500": 1}}
    {"at": 0, "probe": {"count": 99, "late": 1, "worst_us": 7200}, "cpu": 0.31, "workers": 1,
     "users": null, "asked": 400}
    {"end": {"requests": 23998, "failed": 3, "unfinished": 0, "seconds": 60.02}}

Each object stands on one line. `at` counts whole seconds from the begin of the measured phase and
is negative in the warm-up. `times` holds microseconds, ascending, each with the number of requests
that took so long and did not fail, by the second in which they were to start. `failed` counts the
others by reason; those that had no answer when patience was over have the reason `unfinished` and
are not among the `failed` of the end, which may also count `redirects`: answers among the successes
of the measured phase that lead elsewhere. `rate`, `connections`, `users` and `asked` are null where
the generator does not work by them; that of stage `load` works by a rate. `cpu` is the share of one
core that its busiest process used.

The record is held against itself: a line that is missing, doubled or in doubt is an error.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from math import ceil, floor

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_json
from gates.formats.load_model import UNFINISHED, Cell, LoadRecord, Second
from gates.formats.strict_json import Value

SCHEMA = "gates/load/v1"

OPEN_LOOP = "load"
"""The generator that works by a rate, so that its records tell what was asked."""

MAX_ENDPOINTS = 10_000
MAX_SECONDS = 7 * 86_400
"""A record of a longer run is refused."""

LONGEST_US = 86_400_000_000
"""No request takes longer than a day."""

_PAIR = 2
_SLUG = "load-record"


def read(data: bytes, *, what: str = "load record") -> LoadRecord:
    """Read a record.

    Args:
        data: the file.
        what: its name, in errors.

    Raises:
        OutputUnreadable: it is no such record, its end or a second of it is missing, or its counts
            disagree.
    """
    lines = _lines(data, what)
    head = next(lines)
    schema = head.find("schema")
    if schema is None or schema.raw != SCHEMA:
        raise head.unreadable(f"is not the head of a record `{SCHEMA}`", slug=_SLUG)
    endpoints = _endpoints(head)
    cells: dict[tuple[int, int], Cell] = {}
    beats: dict[int, Second] = {}
    end: Value | None = None
    for line in lines:
        if end is not None:
            raise line.unreadable("stands behind the end", slug=_SLUG)
        if "end" in line.mapping():
            end = line.member("end")
        elif "endpoint" in line.mapping():
            cell = _cell(line, len(endpoints))
            if (cell.at, cell.endpoint) in cells:
                raise line.unreadable("tells of a second and an endpoint again", slug=_SLUG)
            cells[cell.at, cell.endpoint] = cell
        else:
            beat = _beat(line)
            if beat.at in beats:
                raise line.unreadable("tells of a second again", slug=_SLUG)
            beats[beat.at] = beat
    if end is None:
        raise OutputUnreadable(
            "load-cut",
            "the record has no end: the generator was stopped, or it is still at work",
            hint="let the generator come to its end; its log tells what stopped it",
            place=what,
        )
    record = LoadRecord(
        generator=head.member("generator").text(),
        version=head.member("version").text(),
        started=_positive(head.member("started")),
        endpoints=endpoints,
        rate=_maybe_positive(head, "rate"),
        connections=_maybe_count(head, "connections"),
        warmup_s=_seconds(head.member("warmup_s")),
        duration_s=_positive(head.member("duration_s")),
        seconds=_positive(end.member("seconds")),
        unfinished=end.member("unfinished").count(),
        cells=tuple(cells[key] for key in sorted(cells)),
        beats=tuple(beats[at] for at in sorted(beats)),
        redirects=_maybe_count(end, "redirects") or 0,
    )
    _refuse_untold_rate(record, head)
    _refuse_gaps(record, end)
    _refuse_miscounts(record, end)
    return record


def _lines(data: bytes, what: str) -> Iterator[Value]:
    """The lines of the file; the last one must be whole, newline included."""
    if not data.endswith(b"\n"):
        # The newline is written with its line: without it, the line may be cut.
        whole = data.rfind(b"\n") + 1
        tail = data[whole:]
        if not tail.startswith(b'{"end"') or not tail.rstrip().endswith(b"}}"):
            raise OutputUnreadable(
                "load-cut",
                "the record breaks off in a line" if data else "the record is empty",
                hint="let the generator come to its end; its log tells what stopped it",
                place=what,
            )
    start = number = 0
    while start < len(data):
        stop = data.find(b"\n", start)
        stop = len(data) if stop < 0 else stop
        number += 1
        yield strict_json.read(data[start:stop], what=f"{what}:{number}")
        start = stop + 1


def _endpoints(head: Value) -> tuple[str, ...]:
    found = tuple(entry.text() for entry in head.member("endpoints").items())
    if len(set(found)) != len(found) or not all(found):
        raise head.member("endpoints").unreadable("hold one twice, or an empty one", slug=_SLUG)
    if not 0 < len(found) <= MAX_ENDPOINTS:
        problem = f"are {len(found):,}, not 1 to {MAX_ENDPOINTS:,}"
        raise head.member("endpoints").unreadable(problem, slug=_SLUG)
    return found


def _cell(line: Value, endpoints: int) -> Cell:
    endpoint = line.member("endpoint").count()
    if endpoint >= endpoints:
        raise line.member("endpoint").unreadable("is none of the endpoints", slug=_SLUG)
    times, counts = _times(line.member("times"))
    failed = tuple((reason, _some(count)) for reason, count in line.member("failed").entries())
    return Cell(at=_at(line), endpoint=endpoint, times=times, counts=counts, failed=failed)


def _times(value: Value) -> tuple[array[int], array[int]]:
    """Times and their counts, narrowed by hand: a record holds a million of them."""
    times, counts = array("q"), array("q")
    last = -1
    for index, pair in enumerate(value.array()):
        if not isinstance(pair, list) or len(pair) != _PAIR:
            raise value.unreadable(f"hold no pair at {index}", slug=_SLUG)
        time, count = pair
        if type(time) is not int or type(count) is not int:
            raise value.unreadable(f"hold no whole numbers at {index}", slug=_SLUG)
        if not last < time <= LONGEST_US or not 0 < count <= LONGEST_US:
            raise value.unreadable(f"do not rise, or count nothing, at {index}", slug=_SLUG)
        last = time
        times.append(time)
        counts.append(count)
    return times, counts


def _beat(line: Value) -> Second:
    probe = line.member("probe")
    beat = Second(
        at=_at(line),
        probes=probe.member("count").count(),
        late=probe.member("late").count(),
        worst_us=probe.member("worst_us").count(),
        cpu=_seconds(line.member("cpu")),
        workers=line.member("workers").count(),
        users=_maybe_count(line, "users"),
        asked=_maybe_count(line, "asked"),
    )
    if beat.late > beat.probes:
        raise probe.unreadable("counts more late ones than there are", slug=_SLUG)
    return beat


def _refuse_untold_rate(record: LoadRecord, head: Value) -> None:
    """Refuse a record of our own generator that leaves out what it was to do."""
    if record.generator != OPEN_LOOP:
        return
    if record.rate is None or any(beat.asked is None for beat in record.beats):
        raise head.unreadable(
            f"tells of `{OPEN_LOOP}`, and not how many requests it was to send", slug=_SLUG
        )


def _refuse_gaps(record: LoadRecord, end: Value) -> None:
    """Refuse seconds beyond the run, and a measured phase of which a second is missing."""
    warmup, last = -ceil(record.warmup_s), ceil(max(record.duration_s, record.seconds))
    if last > MAX_SECONDS or -warmup > MAX_SECONDS:
        raise end.unreadable(f"tells of more than {MAX_SECONDS:,} seconds", slug=_SLUG)
    told = {beat.at for beat in record.beats}
    for at in sorted({cell.at for cell in record.cells} | told):
        if not warmup <= at < last:
            raise end.unreadable(f"leaves second {at} outside the run", slug=_SLUG)
    due = max(floor(min(record.duration_s, record.seconds)), 1)
    due = max(due, 1 + max((cell.at for cell in record.cells), default=0))
    missing = next((at for at in range(due) if at not in told), None)
    if missing is not None:
        raise end.unreadable(f"comes after {due} seconds, and {missing} is missing", slug=_SLUG)


def _refuse_miscounts(record: LoadRecord, end: Value) -> None:
    reasons: Counter[str] = Counter()
    succeeded = 0
    for cell in record.measured:
        succeeded += cell.succeeded
        reasons.update(dict(cell.failed))
    unfinished = reasons.pop(UNFINISHED, 0)
    told = {
        "requests": end.member("requests").count(),
        "failed": end.member("failed").count(),
        "unfinished": record.unfinished,
    }
    failed = reasons.total()
    found = {
        "requests": succeeded + failed + unfinished,
        "failed": failed,
        "unfinished": unfinished,
    }
    for name, number in found.items():
        if told[name] != number:
            problem = f"is {told[name]}, and the seconds before it hold {number}"
            raise end.member(name).unreadable(problem, slug=_SLUG)
    if record.redirects > succeeded:
        problem = f"are {record.redirects}, and {succeeded} requests succeeded"
        raise end.member("redirects").unreadable(problem, slug=_SLUG)
    asked = [beat.asked for beat in record.phase]
    if None not in asked and sum(each or 0 for each in asked) < found["requests"]:
        raise end.member("requests").unreadable("are more than were asked for", slug=_SLUG)


def _at(line: Value) -> int:
    return line.member("at").integer()


def _some(value: Value) -> int:
    number = value.count()
    if not 0 < number <= LONGEST_US:
        raise value.unreadable("counts nothing", slug=_SLUG)
    return number


def _seconds(value: Value) -> Decimal:
    number = value.number()
    if not 0 <= number <= LONGEST_US:
        raise value.unreadable("is negative, or out of range", slug=_SLUG)
    return number


def _positive(value: Value) -> Decimal:
    number = _seconds(value)
    if not number:
        raise value.unreadable("is 0", slug=_SLUG)
    return number


def _maybe_positive(head: Value, key: str) -> Decimal | None:
    found = head.find(key)
    return None if found is None else _positive(found)


def _maybe_count(line: Value, key: str) -> int | None:
    found = line.find(key)
    return None if found is None else found.count()
