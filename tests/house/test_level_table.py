"""The table of Level 1 in the docs is what the stages declare; `GATES_GENERATE=1` writes it."""

from __future__ import annotations

import os

from house.tree import ROOT

from gates.domain.condition import Role
from gates.domain.criteria import Criterion, up_to
from gates.plugin import Default, Options, Stage
from gates.stages import BUILT_IN, load

PAGE = ROOT / "docs" / "level-1.md"
BEGIN, END = "<!-- generated: begin -->\n", "<!-- generated: end -->\n"
HEAD = ("criterion", "stage", "metric", "default", "examined", "errored when")
LEVEL = 1


def table() -> str:
    """One row for each criterion of Level 1 and stage that serves it."""
    rows = [HEAD, tuple("---" for _ in HEAD)]
    for criterion in up_to(LEVEL):
        serving = [stage for stage in map(load, sorted(BUILT_IN)) if serves(stage, criterion)]
        for at, stage in enumerate(serving or [load("command")]):
            rows.append(row(criterion, stage, is_first=at == 0))
    return "".join(f"| {' | '.join(cells)} |\n" for cells in rows)


def serves(stage: type[Stage[Options]], criterion: Criterion) -> bool:
    return criterion.id in stage.criteria


def row(criterion: Criterion, stage: type[Stage[Options]], *, is_first: bool) -> tuple[str, ...]:
    name = f"`{stage.uses}`"
    if not serves(stage, criterion):
        name += f" with `criteria: [{criterion.id}]`"
    return (
        f"**{criterion.id}**<br>{criterion.title}: {criterion.threshold}" if is_first else "",
        name,
        "<br>".join(f"`{spec.name}` {spec.title}" for spec in stage.metrics),
        "<br>".join(limit(each) for each in stage.defaults if each.from_level <= LEVEL),
        stage.examines,
        "<br>".join(stage.errored_when),
    )


def limit(default: Default) -> str:
    told = " (only tells)" if default.role is Role.WARN else ""
    return f"`{default.text}`{told}"


def page() -> str:
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def test_the_table_is_what_the_stages_declare() -> None:
    if os.environ.get("GATES_GENERATE"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()


def test_each_criterion_of_the_level_has_a_row() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [each.id for each in up_to(LEVEL) if f"**{each.id}**" not in text] == []


def test_each_stage_that_serves_the_level_says_when_it_is_errored() -> None:
    silent = [
        name
        for name in BUILT_IN
        if any(serves(load(name), each) for each in up_to(LEVEL)) and not load(name).errored_when
    ]
    assert silent == []
