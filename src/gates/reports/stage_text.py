"""Stages for people: what each measures, its metrics, default conditions, options and limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import MISSING, fields

from gates.domain.condition import Role
from gates.domain.plan import LEVELS
from gates.plugin import Options, Stage
from gates.reports.style import Line, line, padded


def list_lines(stages: Sequence[type[Stage[Options]]]) -> Iterator[Line]:
    """One line a stage."""
    width = max(len(stage.uses) for stage in stages) + 2
    for stage in stages:
        criteria = ", ".join(stage.criteria)
        yield line((padded(stage.uses, width), "strong"), f"{stage.title}  ", (criteria, "faint"))


def stage_lines(stage: type[Stage[Options]]) -> Iterator[Line]:
    """Everything that a stage declares."""
    yield line((stage.uses, "strong"), f"  {stage.title}")
    yield line(("  serves    ", "faint"), ", ".join(stage.criteria) or "no criterion by itself")
    yield line(("  examines  ", "faint"), stage.examines)
    if stage.programs:
        yield line(("  runs      ", "faint"), ", ".join(stage.programs))
    yield line(("metrics", "strong"))
    for spec in stage.metrics:
        tags = f" {{{', '.join(spec.tags)}}}" if spec.tags else ""
        better = f"{spec.direction.value} is better"
        yield line(
            f"  {spec.name}{tags}  ", (f"{spec.unit.value}, {better}: {spec.title}", "faint")
        )
    yield line(("default conditions", "strong"))
    for default in stage.defaults:
        role = "" if default.role is Role.REQUIRE else "  (only tells)"
        levels = ""
        if default.from_level == default.to_level:
            levels = f"  at Level {default.from_level}"
        elif (default.from_level, default.to_level) != (LEVELS[0], LEVELS[-1]):
            levels = f"  at Levels {default.from_level} to {default.to_level}"
        yield line(f"  {default.text}{role}{levels}")
    yield line(("options", "strong"))
    for field in fields(stage.options_type):
        text = str(field.metadata.get("help", ""))
        given = "" if field.default is MISSING else f" (default {field.default!r})"
        yield line(f"  {field.name}{given}  ", (text, "faint"))
    yield line(("errored when", "strong"))
    for case in stage.errored_when:
        yield line(f"  {case}")
