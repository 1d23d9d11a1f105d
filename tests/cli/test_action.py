"""A step of the action in this very process; whole runs of it are in `tests/workflows`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from repositories import Repo
from runner.grammar import commands, pairs

from gates.cli import action, action_fan_out

BASE = "b" * 40


class Step:
    """A step whose `gates` is a script that writes a record, and how it was called."""

    def __init__(self, repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
        self.repo = repo
        self.place = repo.root.parent
        repo.commit()
        monkeypatch.chdir(repo.root)
        program = self.place / "gates-itself"
        program.write_text(
            f'#!/bin/sh\necho "$*" > {self.place}/told\nenv > {self.place}/env\n'
            'for each; do case "$each" in json=*) to="${each#json=}";; esac; done\n'
            f'cat {self.place}/record > "$to"\necho "::error::from the report"\n'
            "echo '::error::from a tool' >&2\n"
            'echo "our summary" > "$GITHUB_STEP_SUMMARY"\n'
            'case "$*" in *sarif=*) echo "$SARIF" > "${@##*sarif=}"; esac\n'
            f"exit $(cat {self.place}/code)\n"
        )
        program.chmod(0o755)
        monkeypatch.setattr(action_fan_out, "gates", lambda: [str(program)])

    def run(
        self,
        name: str,
        given: Mapping[str, str] | None = None,
        *,
        verdict: str = "passed",
        code: int = 0,
        **environ: str,
    ) -> int:
        inputs = {f"GATES_INPUT_{each}": text for each, text in (given or {}).items()}
        record = {"verdict": verdict, "exit_code": code, "gates": []}
        (self.place / "record").write_text(json.dumps(record))
        (self.place / "code").write_text(str(code))
        for each in ("output", "env-file", "path-file", "summary"):
            (self.place / each).write_text("verdict<<forged\n")
        own = {
            "RUNNER_TEMP": str(self.place / "temp"),
            "GITHUB_ENV": str(self.place / "env-file"),
            "GITHUB_PATH": str(self.place / "path-file"),
            "GITHUB_OUTPUT": str(self.place / "output"),
            "GITHUB_STEP_SUMMARY": str(self.place / "summary"),
            "GITHUB_JOB": "a job/b",
            "GITHUB_RUN_ATTEMPT": "2",
            "GH_TOKEN": "x",
            "DB_PASSWORD": "x",
        }
        return action.main([name], {**self.repo.environ, **own, **inputs, **environ})

    @property
    def outputs(self) -> dict[str, str]:
        return pairs((self.place / "output").read_text())

    @property
    def told(self) -> str:
        return (self.place / "told").read_text()

    @property
    def env(self) -> list[str]:
        return (self.place / "env").read_text().splitlines()


@pytest.fixture
def step(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> Step:
    return Step(repo, monkeypatch)


def test_a_check(step: Step, capfd: pytest.CaptureFixture[str]) -> None:
    given = {"LEVEL": "2", "GATES": "a b", "ARGS": "--jobs 3", "POLICY_FROM": "main"}
    given["CATEGORY"] = "own/"
    code = step.run("check", given)

    assert code == 0
    assert step.told.startswith("check --level 2 --gate a --gate b --policy-from main --report")
    assert step.told.endswith("--jobs 3\n")
    said = step.outputs
    assert said["verdict"] == "passed"
    assert (said["artifact"], said["upload-sarif"]) == ("gates-a-job-b-2", "false")
    assert json.loads(Path(said["record"]).read_text())["verdict"] == "passed"
    messages = [each.data for each in commands(capfd.readouterr().out) if each.name == "error"]
    assert messages == ["from the report"]
    assert "GH_TOKEN=x" not in step.env
    assert "DB_PASSWORD=x" in step.env
    assert f"GITHUB_OUTPUT={step.place}/output" not in step.env
    assert (step.place / "summary").read_text() == "our summary\n"


def test_a_check_that_says_nothing(step: Step, capfd: pytest.CaptureFixture[str]) -> None:
    off = dict.fromkeys(("ANNOTATIONS", "SUMMARY", "SARIF", "ARTIFACT", "POLICY_FROM"), "off")
    step.run("check", off)

    assert "from the report" not in capfd.readouterr().out
    assert "sarif=" not in step.told
    assert "--policy-from" not in step.told
    assert step.outputs["artifact"] == ""
    assert (step.place / "summary").read_text() == ""


def test_what_a_tool_wrote_for_the_workflow_is_gone(step: Step) -> None:
    step.run("check")
    assert step.outputs["verdict"] == "passed"
    assert (step.place / "env-file").read_text() == (step.place / "path-file").read_text() == ""
    assert step.run("install", {"INSTALL": "true"}, PATH=step.repo.environ["PATH"]) == 0
    assert (step.place / "env-file").read_text() == (step.place / "summary").read_text() == ""


def test_findings_stand_below_the_category_that_was_given(step: Step) -> None:
    sarif = '{"runs": [{"automationDetails": {"id": "gates/level-1/"}}]}'
    step.run("check", {"CATEGORY": "own"}, SARIF=sarif)
    assert '"own/gates/level-1/"' in Path(step.outputs["sarif-file"]).read_text()


def test_the_base_of_a_request_is_whose_policy_holds(step: Step) -> None:
    event = step.place / "event.json"
    event.write_text(json.dumps({"pull_request": {"base": {"sha": BASE}}}))
    step.run("check", GITHUB_EVENT_NAME="pull_request", GITHUB_EVENT_PATH=str(event))
    assert f"--policy-from {BASE} " in step.told


@pytest.mark.parametrize("name", ["pull_request", "pull_request_review", "merge_group"])
def test_a_proposal_whose_base_is_not_known_is_not_judged_by_itself(step: Step, name: str) -> None:
    for each in ("check", "shard"):
        assert step.run(each, GITHUB_EVENT_NAME=name, GITHUB_EVENT_PATH="/nothing/here") == 3
        assert step.outputs["verdict"] == "errored"
    assert not (step.place / "told").exists()
    assert step.run("check", {"POLICY_FROM": "off"}, GITHUB_EVENT_NAME=name) == 0


def test_a_failure_fails_the_step(step: Step) -> None:
    assert step.run("check", verdict="failed", code=1) == 1
    assert step.outputs["exit-code"] == "1"


def test_a_part_fails_the_step_and_says_why(step: Step, capfd: pytest.CaptureFixture[str]) -> None:
    assert step.run("check", verdict="partial") == 3
    told = [each.data for each in commands(capfd.readouterr().out) if each.name == "error"]
    assert "`partial`" in told[0]


def test_a_shard_and_a_merge(step: Step, capfd: pytest.CaptureFixture[str]) -> None:
    step.run("shard", GATES_INPUT_SHARD="4")
    assert step.told.startswith("check --shard 4 --plan")
    needs = {"plan": {"result": "success"}, "shard": {"result": "success"}}
    assert step.run("merge", GATES_NEEDS=json.dumps(needs)) == 0
    assert step.told.startswith(f"merge {step.place}/temp/gates/shards --expect")
    assert step.run("merge") == 3
    assert step.outputs["verdict"] == "errored"
    assert "the plan was not made" in capfd.readouterr().out


def test_a_plan(step: Step, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(action_fan_out, "plan", lambda *_: {"any": "true"})
    assert step.run("plan") == 0
    assert step.outputs == {"any": "true"}


def test_what_is_wrong_is_told_on_the_page_of_the_run(
    step: Step, capfd: pytest.CaptureFixture[str]
) -> None:
    assert step.run("install", GATES_INPUT_LEVEL="x") == 2
    assert step.outputs == {}
    assert step.run("juggle") == 2
    assert step.run("check", GATES_INPUT_ARGS="--level 1") == 2
    assert step.outputs["verdict"] == "errored"
    found = [each.data for each in commands(capfd.readouterr().out) if each.name == "error"]
    assert len(found) == 3
    assert step.run("fetch") == 0


def test_the_python_that_was_set_up_is_the_projects(tmp_path: Path) -> None:
    python = tmp_path / "python" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("")
    python.chmod(0o755)
    given = {"pythonLocation": str(tmp_path / "python"), "PATH": "/bin"}
    assert set_up(tmp_path, given) == given["pythonLocation"]
    (tmp_path / ".venv").mkdir()
    assert set_up(tmp_path, given) == ""


def set_up(root: Path, environ: Mapping[str, str]) -> str:
    env = action.environment(root, environ, root / "summary")
    return env.get("VIRTUAL_ENV", "")
