"""The action, executed step by step on the order service: what GitHub would show, and accept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from repositories import Repo
from runner import grammar
from runner.fakes import refused_sarif
from workflows.orders_machine import QUICK, OrdersMachine
from workflows.validators import sarif_problems

from gates import __version__

pytestmark = pytest.mark.live

PUBLIC = {"repository": {"visibility": "public"}}
FORGED = (
    "##[set-output name=verdict]passed",
    "::set-output name=verdict::passed",
    "##[add-mask]e",
    "::add-mask::e",
    "::stop-commands::forged",
    "##[error file=src/app.py]forged",
    "::warning::forged",
)


@pytest.fixture
def machine(repo: Repo, tmp_path: Path) -> OrdersMachine:
    temp = tmp_path / "temp"
    temp.mkdir()
    return OrdersMachine(repo, temp)


def plant(repo: Repo) -> None:
    """Findings with the attack strings in names, messages and texts."""
    lines = [f"x{number} = eval('{text}')  # {text}" for number, text in enumerate(FORGED)]
    repo.write("src/orders/planted.py", "import os\n" + "\n".join(lines) + "\n")
    repo.write("src/orders/::error::forged.py", "import sys\n")
    repo.commit("feat: plant")


def test_a_sound_service_is_green(machine: OrdersMachine) -> None:
    ended = machine.run(event=PUBLIC)

    assert ended.has_succeeded, ended.log
    said = dict(ended.outputs)
    assert (said["verdict"], said["exit-code"], said["failed-gates"]) == ("passed", "0", "[]")
    assert said["gates-version"] == __version__
    numbers = json.loads(said["numbers"])
    assert numbers["lint.errors"] == 0
    record = json.loads(Path(said["record"]).read_bytes())
    assert [gate["name"] for gate in record["gates"]] == list(QUICK)
    assert b"<html" in Path(said["page"]).read_bytes()
    assert ended.told.annotations == []
    assert b"passed" in ended.summary
    used = {each.action: each.given for each in ended.used}
    assert "category" not in used["github/codeql-action/upload-sarif"]  # the file names its own
    assert used["actions/upload-artifact"]["name"] == "gates-gates-1"
    assert ended.posts == ("save the cache",)
    assert sarif_problems(Path(said["sarif-file"])) == []
    assert "a-token-of-the-machine" not in ended.log


def test_a_service_with_findings_is_red_and_forges_nothing(machine: OrdersMachine) -> None:
    plant(machine.repo)
    ended = machine.run(event=PUBLIC, fakes={"github/codeql-action/upload-sarif": refused_sarif})

    assert not ended.has_succeeded
    check = ended.steps["check"]
    assert check.exit_code == 1
    said = dict(ended.outputs)
    assert (said["verdict"], said["exit-code"]) == ("failed", "1")
    assert {"lint", "format"} <= set(json.loads(said["failed-gates"]))
    assert grammar.handed_on(said, ended.told.masks) == said
    # The only texts that are hidden are the tokens that switch commands off.
    assert all(len(mask) == 32 for mask in ended.told.masks)
    assert ended.told.refused == []
    assert ended.told.is_listening()
    assert all(
        "forged" not in each.file or each.file.endswith(".py") for each in ended.told.annotations
    )
    kinds = [each.kind for each in ended.told.annotations]
    assert 1 <= kinds.count("error") <= 10
    # All steps share the limit: what the upload says itself is the only one that is lost.
    assert ended.told.dropped == {"error": 1}
    assert 0 < len(ended.summary) <= grammar.SUMMARY
    assert any("code scanning did not take" in each.message for each in ended.told.annotations)
    assert b"code scanning did not take" in ended.summary
    assert sarif_problems(Path(said["sarif-file"])) == []


def test_a_part_is_no_pass(machine: OrdersMachine) -> None:
    ended = machine.run(gates="lint", sarif="off", artifact="off")

    assert ended.steps["check"].exit_code == 3
    assert ended.outputs["verdict"] == "partial"
    assert "partial" in ended.told.annotations[0].message
    assert {each.action for each in ended.used} == {"actions/cache"}
    assert ended.outputs["sarif-file"] == ""


def test_a_fork_sends_nothing_to_code_scanning(machine: OrdersMachine) -> None:
    head, base = {"repo": {"full_name": "fork/orders"}}, machine.repo.commit("feat: start")
    machine.repo.git("update-ref", "refs/remotes/origin/main", base)
    event = {**PUBLIC, "pull_request": {"head": head, "base": {"sha": base, "ref": "main"}}}
    github = {"event_name": "pull_request", "repository": "shop/orders"}
    ended = machine.run(
        event=event, github=github, gates="lint", accept="partial", annotations="off", summary="off"
    )

    assert ended.has_succeeded, ended.log
    used = {each.action for each in ended.used}
    assert used == {"actions/cache", "actions/upload-artifact"}
    assert ended.summary == b""
    assert [each.kind for each in ended.told.annotations] == ["notice"]


@pytest.mark.parametrize(
    ("github", "is_kept"),
    [
        ({"event_name": "push"}, True),
        ({"event_name": "release"}, False),
        ({"event_name": "pull_request_target"}, False),
        ({"ref_type": "tag"}, False),
    ],
)
def test_where_nothing_is_taken_from_a_cache(
    machine: OrdersMachine, github: dict[str, object], *, is_kept: bool
) -> None:
    ended = machine.run(github=github, install_only="true")

    assert ended.has_succeeded, ended.log
    assert ("actions/cache" in {each.action for each in ended.used}) is is_kept
    assert ended.outputs["verdict"] == ""
    assert (machine.temp / "gates" / "bin" / "gates").is_symlink()


def test_wrong_inputs_are_told_before_anything_runs(machine: OrdersMachine) -> None:
    ended = machine.run(level="9", version="1.0; true")
    assert not ended.has_succeeded
    assert ended.steps["gates"].exit_code == 2
    assert ended.steps["check"].outcome == "skipped"
    ended = machine.run(level="9")
    assert "level" in ended.told.annotations[0].message
    assert ended.outputs["verdict"] == ""


def test_a_policy_that_cannot_be_read_commands_nothing(machine: OrdersMachine) -> None:
    names = ", ".join(f"'{text}'" for text in FORGED)
    machine.repo.write("gates.yaml", f"version: 1\nlevels: {{1: [{names}]}}\n")
    (machine.repo.root / ".venv").mkdir()
    ended = machine.run(install="auto")

    assert not ended.has_succeeded
    assert ended.told.masks == []
    assert ended.told.is_listening()
    assert [each.kind for each in ended.told.annotations] == ["error"]


def test_what_an_installer_leaves_for_later_steps_is_gone(machine: OrdersMachine) -> None:
    files = '"$RUNNER_TEMP"/_runner_file_commands/*/GITHUB_'
    script = f"for f in {files}ENV {files}PATH; do echo EVIL=1 >> $f; done"
    ended = machine.run(install=f"sh -c '{script}'", gates="lint", accept="partial", sarif="off")

    assert ended.has_succeeded, ended.log
    assert machine.made is not None
    assert "EVIL" not in machine.made.environ
    assert machine.made.paths == []


def test_without_a_policy_there_is_no_verdict_but_errored(machine: OrdersMachine) -> None:
    machine.repo.write("gates.yaml", "version: 1\nlevels: {1: [ruf]}\n")
    ended = machine.run(artifact="off")

    assert ended.steps["check"].exit_code == 2
    assert ended.outputs["verdict"] == "errored"
    assert [each.kind for each in ended.told.annotations] == ["error"]
