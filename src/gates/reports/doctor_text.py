"""What `gates doctor` tells: surroundings, tools, and gates that cannot run or could not fail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gates.domain.survey import SLOW_S, Diagnosis, Remark, SeenTool, Weight
from gates.reports.hanging import hanging, next_step
from gates.reports.style import Line, line, padded, width_of

_HEADINGS = {
    Weight.CANNOT_RUN: ("gates that cannot run", "bad"),
    Weight.DOUBTFUL: ("gates that may find nothing to examine", "doubt"),
    Weight.CANNOT_FAIL: ("gates that could not fail", "doubt"),
    Weight.LOOSE: ("gates that ask for less than they could", "warn"),
}
"""Heading and style of each kind of remark."""

_FACT = 13


def diagnosis_lines(diagnosis: Diagnosis, width: int | None = None) -> Iterator[Line]:
    """The whole diagnosis, ending with what it comes to.

    Args:
        diagnosis: what was found.
        width: columns of the screen; by default no line is broken.
    """
    yield line()
    many = _many(diagnosis.gates, "gate")
    head = ((diagnosis.project, "strong"), f" · {many} · ")
    yield from hanging(head, ((diagnosis.policy, "place"),), width)
    yield line()
    yield from _facts(diagnosis, width)
    yield from _tools(diagnosis.tools, width)
    for weight in Weight:
        of_weight = [each for each in diagnosis.remarks if each.weight is weight]
        yield from _remarks(weight, of_weight, width)
    if diagnosis.uncovered:
        yield line()
        yield line(("criteria of Level 1 without a gate", "strong"))
        for identifier, title in diagnosis.uncovered:
            yield from hanging((f"  {padded(identifier, _FACT)}",), ((title, "faint"),), width)
    yield line()
    yield from _closing(diagnosis)


def _facts(diagnosis: Diagnosis, width: int | None) -> Iterator[Line]:
    last = ""
    for fact in diagnosis.facts:
        name = "" if fact.name == last else fact.name
        last = fact.name or last
        style = "warn" if fact.is_doubtful else ""
        yield from hanging(((padded(name, _FACT), "faint"),), ((fact.text, style),), width)
        if fact.hint:
            yield from next_step(_FACT, fact.hint, width)


def _tools(tools: tuple[SeenTool, ...], width: int | None) -> Iterator[Line]:
    if not tools:
        return
    yield line()
    yield line(("tools", "strong"))
    name = max(width_of(tool.name) for tool in tools) + 2
    version = max(width_of(tool.version) for tool in tools) + 2
    for tool in tools:
        if not tool.path:
            named = ("  ", (padded(tool.name, name), "strong"))
            yield from hanging(named, ((tool.how, "bad"),), width)
            continue
        took = f"  starts in {tool.seconds * 1000:.0f} ms" if tool.seconds is not None else ""
        is_slow = (tool.seconds or 0) > SLOW_S
        head = (
            "  ",
            (padded(tool.name, name), "strong"),
            padded(tool.version or "?", version),
        )
        body = (tool.path, (f"  {tool.how}", "faint"), (took, "warn" if is_slow else "faint"))
        yield from hanging(head, body, width)
        if tool.slow:
            yield from hanging((" " * (name + 2),), ((tool.slow, "warn"),), width)
        if tool.hint:
            yield from next_step(name + 2, tool.hint, width)


def _remarks(weight: Weight, remarks: list[Remark], columns: int | None) -> Iterator[Line]:
    if not remarks:
        return
    title, style = _HEADINGS[weight]
    yield line()
    yield line((title, "strong"))
    width = max(width_of(_subject(each)) for each in remarks) + 2
    last = ""
    for each in remarks:
        subject = "" if _subject(each) == last else _subject(each)
        last = _subject(each)
        head = ("  ", (padded(subject, width), style))
        yield from hanging(head, (each.summary, (f"  {each.place}", "faint")), columns)
        if each.hint:
            yield from next_step(width + 2, each.hint, columns)


def _closing(diagnosis: Diagnosis) -> Iterator[Line]:
    stopped = _gates(diagnosis.remarks, Weight.CANNOT_RUN)
    idle = _gates(diagnosis.remarks, Weight.CANNOT_FAIL)
    empty = _gates(diagnosis.remarks, Weight.DOUBTFUL)
    many = _many(diagnosis.gates, "gate")
    if "" in stopped:
        yield line(("no gate can run", "bad"))
    elif stopped:
        rest = f", and {len(idle)} could not fail" if idle else ""
        yield line((f"{len(stopped)} of {many} cannot run", "bad"), rest)
    elif idle:
        yield line((f"{len(idle)} of {many} could not fail", "doubt"))
    elif empty:
        yield line((f"{len(empty)} of {many} may find nothing to examine", "doubt"))
    elif not diagnosis.gates:
        yield line(("no gate stands in this folder", "doubt"))
    else:
        yield line(("each gate can run, and each can fail", "good"), "; `gates check` runs them")


def _gates(remarks: Iterable[Remark], weight: Weight) -> set[str]:
    return {each.gate for each in remarks if each.weight is weight}


def _subject(remark: Remark) -> str:
    return remark.gate or "all"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' if count != 1 else ''}"
