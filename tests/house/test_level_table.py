"""The tables of levels in the docs are what the stages declare; `GATES_GENERATE=1` writes them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from house.tree import ROOT

from gates.domain.condition import Role
from gates.domain.criteria import Criterion, up_to
from gates.plugin import Default, Options, Stage
from gates.stages import BUILT_IN, load

BEGIN, END = "<!-- generated: begin -->\n", "<!-- generated: end -->\n"
HEAD = ("criterion", "stage", "metric", "default", "examined", "errored when")
LEVELS = (1, 2)
NAMED = {"L2-DB": "pytest", "L2-CONSUMERS": "junit", "L2-SECURITY": "http", "L2-REGRESSION": "load"}
"""Stages of criteria that a gate serves only where it says so: the same tests may serve another."""


def place(level: int) -> Path:
    return ROOT / "docs" / f"level-{level}.md"


def own(level: int) -> tuple[Criterion, ...]:
    """The criteria that stand at a level and at none below it."""
    below = up_to(level - 1) if level > 1 else ()
    return tuple(criterion for criterion in up_to(level) if criterion not in below)


def table(level: int) -> str:
    """One row for each criterion of a level and stage that serves it."""
    rows = [HEAD, tuple("---" for _ in HEAD)]
    for criterion in own(level):
        serving = [stage for stage in map(load, sorted(BUILT_IN)) if serves(stage, criterion)]
        for at, stage in enumerate(serving or [load(NAMED.get(criterion.id, "command"))]):
            rows.append(row(criterion, stage, level, is_first=at == 0))
    return "".join(f"| {' | '.join(cells)} |\n" for cells in rows)


def serves(stage: type[Stage[Options]], criterion: Criterion) -> bool:
    return criterion.id in stage.criteria


def row(
    criterion: Criterion, stage: type[Stage[Options]], level: int, *, is_first: bool
) -> tuple[str, ...]:
    name = f"`{stage.uses}`"
    if not serves(stage, criterion):
        name += f" with `criteria: [{criterion.id}]`"
    return (
        f"**{criterion.id}**<br>{criterion.title}: {criterion.threshold}" if is_first else "",
        name,
        "<br>".join(f"`{spec.name}` {spec.title}" for spec in stage.metrics),
        "<br>".join(
            limit(each) for each in stage.defaults if each.from_level <= level <= each.to_level
        ),
        stage.examines,
        "<br>".join(stage.errored_when),
    )


def limit(default: Default) -> str:
    told = " (only tells)" if default.role is Role.WARN else ""
    return f"`{default.text}`{told}"


def page(level: int) -> str:
    text = place(level).read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table(level)}\n{END}{after}"


@pytest.mark.parametrize("level", LEVELS)
def test_the_table_is_what_the_stages_declare(level: int) -> None:
    if os.environ.get("GATES_GENERATE"):
        place(level).write_text(page(level), encoding="utf-8")
    assert place(level).read_text(encoding="utf-8") == page(level)


@pytest.mark.parametrize("level", LEVELS)
def test_each_criterion_of_the_level_has_a_row(level: int) -> None:
    text = place(level).read_text(encoding="utf-8")
    assert [each.id for each in own(level) if f"**{each.id}**" not in text] == []


@pytest.mark.parametrize("level", LEVELS)
def test_each_stage_that_serves_the_level_says_when_it_is_errored(level: int) -> None:
    silent = [
        name
        for name in BUILT_IN
        if any(serves(load(name), each) for each in own(level)) and not load(name).errored_when
    ]
    assert silent == []
