"""The page of stages in the docs is what the stages declare; `GATES_GENERATE=1` writes it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, Field, fields

import pytest
from house.tree import ROOT

from gates.domain.condition import Role
from gates.domain.metric import MetricSpec
from gates.domain.plan import LEVELS
from gates.plugin import Default, Options, ReportStage, Stage
from gates.stages import BUILT_IN, load

PAGE = ROOT / "docs" / "stages.md"
BEGIN, END = "<!-- generated: begin -->\n", "<!-- generated: end -->\n"
STAGES = tuple(sorted(BUILT_IN))


def text_of(stage: type[Stage[Options]]) -> str:
    """A section: what the stage declares, and nothing else."""
    return "\n".join(lines_of(stage)) + "\n"


def lines_of(stage: type[Stage[Options]]) -> Iterator[str]:
    yield f"## `{stage.uses}`"
    yield ""
    serves = ", ".join(stage.criteria) or "no criterion by itself"
    yield f"Measures {stage.title}. Serves {serves}. Examines {stage.examines}."
    if stage.programs or stage.written_by or stage.exclusive:
        yield ""
    if stage.programs:
        yield f"Runs {', '.join(f'`{name}`' for name in stage.programs)}."
    if stage.written_by:
        only = "Judges" if issubclass(stage, ReportStage) else "With `report:` it judges"
        yield f"{only} what this writes: `{stage.written_by}`."
    if stage.exclusive:
        yield "It measures time, so it runs alone."
    yield ""
    yield f"Due by default (`when:`): {', '.join(f'`{moment}`' for moment in stage.when)}."
    yield ""
    yield from table(("metric", "unit", "better", "what"), map(metric, stage.metrics))
    yield ""
    yield from table(("default condition", "where"), map(condition, stage.defaults))
    yield ""
    options = fields(stage.options_type)
    if options:
        yield from table(("option", "default", "what"), map(option, options))
    else:
        yield "It has no options."
    yield ""
    yield "Errored when"
    yield ""
    yield from (f"- {case}" for case in stage.errored_when)
    yield ""


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def metric(spec: MetricSpec) -> tuple[str, ...]:
    tags = f" by {', '.join(spec.tags)}" if spec.tags else ""
    optional = "; may not apply" if spec.optional else ""
    return f"`{spec.name}`", spec.unit.value, spec.direction.value, spec.title + tags + optional


def condition(default: Default) -> tuple[str, ...]:
    levels = "all levels"
    if default.from_level == default.to_level:
        levels = f"Level {default.from_level}"
    elif (default.from_level, default.to_level) != (LEVELS[0], LEVELS[-1]):
        levels = f"Levels {default.from_level} to {default.to_level}"
    told = "" if default.role is Role.REQUIRE else ", only tells"
    return f"`{default.text}`", levels + told


def option(each: Field[object]) -> tuple[str, ...]:
    default = each.default
    if default is MISSING or default in ((), ""):
        shown = "none"
    else:
        listed = list(default) if isinstance(default, tuple) else default
        shown = f"`{listed}`".replace("'", "")
    return f"`{each.name}`", shown, str(each.metadata.get("help", ""))


def page() -> str:
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    sections = "\n".join(text_of(load(name)) for name in STAGES)
    return f"{before}{BEGIN}\n{sections}\n{END}{after}"


def test_the_page_is_what_the_stages_declare() -> None:
    if os.environ.get("GATES_GENERATE"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("name", STAGES)
def test_each_option_says_what_it_is_for(name: str) -> None:
    silent = [
        each.name for each in fields(load(name).options_type) if not each.metadata.get("help")
    ]
    assert silent == []


@pytest.mark.parametrize("name", STAGES)
def test_each_stage_says_when_it_is_errored(name: str) -> None:
    assert load(name).errored_when
