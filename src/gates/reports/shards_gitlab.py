"""A plan of shards as GitLab's child pipeline.

Each shard is one of GitLab's own parallel runs, and the last entry merges them. Nothing that a
project or a person wrote gets into the file but the names of the plan's file and of the entry that
made it, and those only where they hold letters, digits and a few signs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gates.domain.errors import ConfigError, Problem
from gates.domain.shards import ShardPlan

PARALLEL = 200
"""GitLab's largest matrix (`parallel: matrix`)."""

BUNDLE = "gates-report"
"""The folder that the shards hand over."""

_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:/ -]{0,200}")
_DIGITS = re.compile(r"[0-9]{1,20}")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the plan was made, as its file is fetched from there.

    Attributes:
        file: the plan's file, relative to the top of the checkout.
        entry: name of the entry of the parent pipeline that made it (`CI_JOB_NAME`).
        pipeline: the parent pipeline's number.
    """

    file: str
    entry: str
    pipeline: str


def report(plan: ShardPlan, origin: Origin) -> str:
    """The child pipeline as YAML.

    Raises:
        ConfigError: a name holds signs that do not belong into it.
    """
    _refuse("the plan's file", origin.file, _PATH, "write it to `gates-report/plan.json`")
    _refuse("the entry that made the plan", origin.entry, _NAME, "run it in GitLab CI")
    _refuse("the pipeline's number", origin.pipeline, _DIGITS, "run it in GitLab CI")
    return "\n".join(_lines(plan, origin)) + "\n"


def _refuse(what: str, text: str, pattern: re.Pattern[str], hint: str) -> None:
    if pattern.fullmatch(text) is None:
        summary = f"{what} cannot stand in a pipeline: `{text[:80]!a}`"
        raise ConfigError(Problem("pipeline-name", summary, hint=hint))


def _lines(plan: ShardPlan, origin: Origin) -> Iterator[str]:
    yield "# Made by `gates plan --format gitlab`; what the shards need to run stands in the file"
    yield "# that the parent pipeline includes beside this one."
    yield "stages: [gates-shards, gates-merge]"
    yield "variables:"
    yield f'  GATES_CI_RUN: "{origin.pipeline}"'
    indexes = [shard.index for shard in plan.shards]
    chunks = [indexes[at : at + PARALLEL] for at in range(0, len(indexes), PARALLEL)]
    for number, chunk in enumerate(chunks, 1):
        yield from _shards(number, chunk, origin)
    yield from _merge(len(chunks), origin)


def _shards(number: int, indexes: list[int], origin: Origin) -> Iterator[str]:
    yield f'"gates shards {number}":'
    yield "  stage: gates-shards"
    yield from _needs(origin)
    yield "  parallel:"
    yield "    matrix:"
    numbers = ", ".join(f'"{index}"' for index in indexes)
    yield f"      - GATES_SHARD: [{numbers}]"
    yield "  script:"
    yield f'    - gates check --shard "$GATES_SHARD" --plan {origin.file} --bundle {BUNDLE}'
    yield "  artifacts:"
    yield "    when: always"
    yield f"    paths: [{BUNDLE}/]"


def _merge(chunks: int, origin: Origin) -> Iterator[str]:
    yield '"gates":'
    yield "  stage: gates-merge"
    yield "  when: always"
    yield from _needs(origin)
    for number in range(1, chunks + 1):
        yield f'    - job: "gates shards {number}"'
    yield "  script:"
    reports = "--report junit=gates-junit.xml --report gitlab=gates-quality.json"
    yield f"    - gates merge {BUNDLE} --expect {origin.file} {reports}"
    yield "  artifacts:"
    yield "    when: always"
    yield "    paths: [gates-junit.xml, gates-quality.json]"
    yield "    reports:"
    yield "      junit: gates-junit.xml"
    yield "      codequality: gates-quality.json"


def _needs(origin: Origin) -> Iterator[str]:
    """The plan's file, from the parent pipeline."""
    yield "  needs:"
    yield f'    - pipeline: "{origin.pipeline}"'
    yield f'      job: "{origin.entry}"'
