"""What `gates doctor` tells: surroundings, tools, and gates that cannot run or could not fail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gates.domain.survey import SLOW_S, Diagnosis, Remark, SeenTool, Weight
from gates.reports.style import Line, line, padded, width_of

_HEADINGS = {
    Weight.CANNOT_RUN: ("gates that cannot run", "bad"),
    Weight.CANNOT_FAIL: ("gates that could not fail", "doubt"),
    Weight.LOOSE: ("gates that ask for less than they could", "warn"),
}
"""Heading and style of each kind of remark."""

_FACT = 13


def diagnosis_lines(diagnosis: Diagnosis) -> Iterator[Line]:
    """The whole diagnosis, ending with what it comes to."""
    yield line()
    many = _many(diagnosis.gates, "gate")
    yield line((diagnosis.project, "strong"), f" · {many} · ", (diagnosis.policy, "place"))
    yield line()
    yield from _facts(diagnosis)
    yield from _tools(diagnosis.tools)
    for weight in Weight:
        yield from _remarks(weight, [each for each in diagnosis.remarks if each.weight is weight])
    if diagnosis.uncovered:
        yield line()
        yield line(("criteria of Level 1 without a gate", "strong"))
        for identifier, title in diagnosis.uncovered:
            yield line(f"  {padded(identifier, _FACT)}", (title, "faint"))
    yield line()
    yield from _closing(diagnosis)


def _facts(diagnosis: Diagnosis) -> Iterator[Line]:
    last = ""
    for fact in diagnosis.facts:
        name = "" if fact.name == last else fact.name
        last = fact.name or last
        style = "warn" if fact.is_doubtful else ""
        yield line((padded(name, _FACT), "faint"), (fact.text, style))
        if fact.hint:
            yield _hint(" " * _FACT, fact.hint)


def _tools(tools: tuple[SeenTool, ...]) -> Iterator[Line]:
    if not tools:
        return
    yield line()
    yield line(("tools", "strong"))
    name = max(width_of(tool.name) for tool in tools) + 2
    version = max(width_of(tool.version) for tool in tools) + 2
    for tool in tools:
        if not tool.path:
            yield line("  ", (padded(tool.name, name), "strong"), (tool.how, "bad"))
            continue
        took = f"  starts in {tool.seconds * 1000:.0f} ms" if tool.seconds is not None else ""
        yield line(
            "  ",
            (padded(tool.name, name), "strong"),
            padded(tool.version or "?", version),
            tool.path,
            (f"  {tool.how}", "faint"),
            (took, "warn" if (tool.seconds or 0) > SLOW_S else "faint"),
        )
        if tool.slow:
            yield line(" " * (name + 2), (tool.slow, "warn"))
        if tool.hint:
            yield _hint(" " * (name + 2), tool.hint)


def _remarks(weight: Weight, remarks: list[Remark]) -> Iterator[Line]:
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
        yield line(
            "  ", (padded(subject, width), style), each.summary, (f"  {each.place}", "faint")
        )
        if each.hint:
            yield _hint(" " * (width + 2), each.hint)


def _closing(diagnosis: Diagnosis) -> Iterator[Line]:
    stopped = _gates(diagnosis.remarks, Weight.CANNOT_RUN)
    idle = _gates(diagnosis.remarks, Weight.CANNOT_FAIL)
    many = _many(diagnosis.gates, "gate")
    if "" in stopped:
        yield line(("no gate can run", "bad"))
    elif stopped:
        rest = f", and {len(idle)} could not fail" if idle else ""
        yield line((f"{len(stopped)} of {many} cannot run", "bad"), rest)
    elif idle:
        yield line((f"{len(idle)} of {many} could not fail", "doubt"))
    else:
        yield line(("each gate can run, and each can fail", "good"), "; `gates check` runs them")


def _gates(remarks: Iterable[Remark], weight: Weight) -> set[str]:
    return {each.gate for each in remarks if each.weight is weight}


def _subject(remark: Remark) -> str:
    return remark.gate or "all"


def _hint(indent: str, text: str) -> Line:
    return line(indent, ("next: ", "faint"), text)


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' if count != 1 else ''}"
