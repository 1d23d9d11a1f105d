"""No verdict without a plan, and without machines that ran to their end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gates.cli import action_fan_out
from gates.cli.action_fan_out import merge_arguments, plan, refuse_unfit, shard_arguments
from gates.domain.errors import ConfigError, StageError


def needs(planned: str, shard: str, *, has_any: str = "true") -> str:
    outputs = {"any": has_any, "matrix": "{}"}
    return json.dumps({"plan": {"result": planned, "outputs": outputs}, "shard": {"result": shard}})


@pytest.mark.parametrize(
    "text",
    [
        needs("success", "success"),
        needs("success", "failure"),
        needs("success", "skipped", has_any="false"),
    ],
)
def test_machines_that_ran_to_their_end(text: str) -> None:
    assert refuse_unfit(text) == ""


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (needs("failure", "skipped"), "the plan was not made: failure"),
        (needs("skipped", "skipped"), "the plan was not made: skipped"),
        (needs("success", "skipped"), "the shards did not run to their end: skipped"),
        (needs("success", "cancelled"), "the shards did not run to their end: cancelled"),
        (needs("success", "cancelled", has_any="false"), "cancelled"),
        ('{"plan": {"result": "success"}}', "nothing is known of them"),
        ("{}", "nothing is known of it"),
        ("", "nothing is known of it"),
        ("[]", "nothing is known of it"),
    ],
)
def test_machines_that_did_not(text: str, named: str) -> None:
    assert named in refuse_unfit(text)


def test_the_arguments_of_a_machine_and_of_the_merge(tmp_path: Path) -> None:
    environ = {"RUNNER_TEMP": str(tmp_path)}
    at = f"{tmp_path}/gates"
    assert shard_arguments("3", "abc", environ) == (
        *("--shard", "3", "--plan", f"{at}/plan/plan.json"),
        *("--bundle", f"{at}/bundle"),
        *("--policy-from", "abc"),
    )
    # The folder is there even where no bundle came: what is missing is then named.
    assert merge_arguments("", environ)[:3] == ("merge", f"{at}/shards", "--expect")
    assert (tmp_path / "gates" / "shards").is_dir()


@pytest.mark.parametrize(
    ("matrix", "has_any"), [('{"shard":[1,2]}', "true"), ('{"shard":[]}', "false")]
)
def test_a_plan_becomes_a_matrix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, matrix: str, has_any: str
) -> None:
    fake(tmp_path, monkeypatch, f"echo '{matrix}'")
    said = plan(2, "8", "", {"RUNNER_TEMP": str(tmp_path)})
    assert said == {"matrix": matrix, "any": has_any}
    told = (tmp_path / "told").read_text()
    assert told.startswith("plan --level 2 --shards 8 --format github-matrix --output")


def test_a_plan_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path, monkeypatch, "exit 2")
    with pytest.raises(StageError, match="exit code 2"):
        plan(1, "1", "", {"RUNNER_TEMP": str(tmp_path)})


@pytest.mark.parametrize("shards", ["", "x", "-1", "1; true"])
def test_a_number_of_shards_that_is_none(tmp_path: Path, shards: str) -> None:
    with pytest.raises(ConfigError, match="shards"):
        plan(1, shards, "", {"RUNNER_TEMP": str(tmp_path)})


def test_nothing_of_the_checkout_is_imported() -> None:
    assert action_fan_out.gates()[1:] == ["-I", "-m", "gates"]


def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = tmp_path / "gates-itself"
    program.write_text(f'#!/bin/sh\necho "$*" > {tmp_path}/told\n{script}\n')
    program.chmod(0o755)
    monkeypatch.setattr(action_fan_out, "gates", lambda: [str(program)])
