"""What was seen of a service while a needed gate measured: kept on the tape, and shown again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from gates.plugin import Needed, ServiceTrace
from gates.testing.tape import Seen

LOG, BEFORE, AFTER = "log", "before", "after"
"""What was seen: a log, or a page just before or just after the measurement."""


def seen_of(needed: Iterable[Needed]) -> tuple[Seen, ...]:
    """All that was seen while gates measured."""
    return tuple(seen for need in needed if need.service for seen in _of(need.name, need.service))


def shown_again(needed: Mapping[str, Needed], seen: Iterable[Seen]) -> dict[str, Needed]:
    """The needed gates with what was seen as the tape tells it; logs are written anew.

    Args:
        needed: as they were measured.
        seen: as it is to be seen now.
    """
    of_gates: dict[str, list[Seen]] = {}
    for each in seen:
        of_gates.setdefault(each.gate, []).append(each)
    return {
        name: replace(need, service=_again(need.service, of_gates.get(name, [])))
        if need.service
        else need
        for name, need in needed.items()
    }


def _of(gate: str, trace: ServiceTrace) -> Iterator[Seen]:
    for log in trace.logs:
        yield Seen(gate, LOG, log.name, (log.read_bytes(),))
    for what, pages in ((BEFORE, trace.before), (AFTER, trace.after)):
        for path, fetched in pages.items():
            yield Seen(gate, what, path, fetched)


def _again(trace: ServiceTrace, seen: list[Seen]) -> ServiceTrace:
    pages: dict[str, dict[str, tuple[bytes, ...]]] = {BEFORE: {}, AFTER: {}}
    logs = {each.name: each.data for each in seen if each.what == LOG}
    for each in seen:
        if each.what != LOG and each.data:
            pages[each.what][each.name] = each.data
    for log in trace.logs:
        _write(log, logs.get(log.name, ()))
    return replace(trace, before=pages[BEFORE], after=pages[AFTER])


def _write(log: Path, data: tuple[bytes, ...]) -> None:
    if data:
        log.write_bytes(data[0])
    else:
        log.unlink(missing_ok=True)
