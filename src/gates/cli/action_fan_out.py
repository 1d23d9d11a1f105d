"""The steps of the reusable workflows that divide a level over machines: plan, shard, merge.

What travels between the machines is uploaded by the workflow: the plan's folder, then each shard's
bundle. The last step looks at both the plan and what became of every machine.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from gates.domain.errors import ConfigError, Problem, StageError
from gates.toolkit.attached import commands_off, run_attached, without_rights

PLAN = "gates/plan/plan.json"
BUNDLE = "gates/bundle"
SHARDS = "gates/shards"
"""Places below RUNNER_TEMP, none of them hidden: an upload leaves out what is."""

ACCEPTED = ("success", "failure")
"""Ends of a shard's machine after which its record tells more, or its absence does."""


def plan(level: int, shards: str, policy: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Divide a level; the outputs for the matrix.

    Args:
        level: which is judged with all below it.
        shards: over how many machines at most.
        policy: the revision whose policy holds, or empty for that of the checkout.
        environ: the environment of the step.

    Raises:
        ConfigError: the number is none.
        StageError: the plan could not be made.
    """
    if not shards.isascii() or not shards.isdecimal():
        hint = "it is a number from 1 to 256"
        raise ConfigError(Problem("action-input", f"the input `shards` is `{shards}`", hint=hint))
    place = _temp(environ) / PLAN
    place.parent.mkdir(parents=True, exist_ok=True)
    said = place.parent.with_suffix(".matrix")
    argv = [*gates(), "plan", "--level", str(level), "--shards", shards]
    argv += ["--format", "github-matrix", "--output", str(place), *_of_policy(policy)]
    with commands_off():
        code = run_attached(argv, env=without_rights(environ), stdout=said)
    if code:
        raise StageError("plan-failed", f"`gates plan` ended with exit code {code}")
    matrix = said.read_text(encoding="utf-8").strip()
    numbers: object = json.loads(matrix)
    has_any = isinstance(numbers, dict) and bool(numbers.get("shard"))
    return {"matrix": matrix, "any": "true" if has_any else "false"}


def shard_arguments(number: str, policy: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """What `gates check` is told on one machine.

    Args:
        number: of the shard.
        policy: as for the plan.
        environ: the environment of the step.
    """
    top = _temp(environ)
    own = ("--shard", number, "--plan", str(top / PLAN), "--bundle", str(top / BUNDLE))
    return (*own, *_of_policy(policy))


def merge_arguments(policy: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The command that gives the one verdict, over every bundle that came.

    The folder is searched, since one bundle that came alone lies right in it, and each of several
    in a folder with the name of its upload: one which came twice is seen twice.

    Args:
        policy: as for the plan.
        environ: the environment of the step.
    """
    top = _temp(environ)
    shards = top / SHARDS
    shards.mkdir(parents=True, exist_ok=True)  # where none came, the verdict says so
    return ("merge", str(shards), "--expect", str(top / PLAN), *_of_policy(policy))


def refuse_unfit(needs: str) -> str:
    """Why no verdict can be given as the machines ended, or empty.

    A machine that was skipped or cancelled left nothing: GitHub calls that no failure.

    Args:
        needs: `toJSON(needs)` of the workflow.
    """
    try:
        found: object = json.loads(needs)
    except ValueError:
        found = None
    planned, shard = _part(found, "plan"), _part(found, "shard")
    if planned.get("result") != "success":
        return f"the plan was not made: {planned.get('result') or 'nothing is known of it'}"
    outputs = planned.get("outputs")
    has_any = outputs.get("any") if isinstance(outputs, dict) else None
    ended = shard.get("result")
    if ended in ACCEPTED or (ended == "skipped" and has_any == "false"):
        return ""
    return f"the shards did not run to their end: {ended or 'nothing is known of them'}"


def gates() -> list[str]:
    """How `gates` is called: isolated, so that nothing of the checkout is imported."""
    return [sys.executable, "-I", "-m", "gates"]


def _of_policy(policy: str) -> tuple[str, ...]:
    return ("--policy-from", policy) if policy else ()


def _part(found: object, name: str) -> dict[str, object]:
    part = found.get(name) if isinstance(found, dict) else None
    return part if isinstance(part, dict) else {}


def _temp(environ: Mapping[str, str]) -> Path:
    return Path(environ["RUNNER_TEMP"])
