from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli.in_process import InProcess
from repositories import Repo

POLICY = "version: 1\nlevels:\n  1:\n    gates:\n" + "".join(
    f'      c{at}: {{uses: command, with: {{run: "{run}", examined: exit-status}}}}\n'
    for at, run in enumerate(("true", "true", "false"))
)


@pytest.fixture
def gates(repo: Repo) -> InProcess:
    return InProcess(repo)


@pytest.fixture
def plan(gates: InProcess, tmp_path: Path) -> Path:
    gates.repo.write(".gitignore", ".gates/\n")
    gates.policy(POLICY)
    path = tmp_path / "plan.json"
    form = ("--format", "github-matrix", "--shards", "3", "--output", str(path))
    done = gates("plan", *form)
    assert done.code == 0, done.err
    return path


def shard(plan: Path, index: int = 1) -> tuple[str, ...]:
    return ("check", "--shard", str(index), "--plan", str(plan))


def test_a_shard_runs_its_own_gates_and_is_partial(gates: InProcess, plan: Path) -> None:
    done = gates(*shard(plan), "--report", "json")

    record = json.loads(done.out)
    assert done.code == 0, done.err
    assert (record["verdict"], record["exit_code"]) == ("partial", 0)
    assert [gate["name"] for gate in record["gates"]] == ["c0"]
    told = record["shard"]
    assert (told["index"], told["count"], told["attempt"]) == (1, 3, "")
    assert told["plan_sha256"] == json.loads(plan.read_text())["sha256"]
    assert "this is shard 1 of 3" in done.err
    bundle = gates.repo.root / "gates-report/shard-1/run.json"
    assert json.loads(bundle.read_text()) == record


def test_a_gate_that_fails_fails_its_shard(gates: InProcess, plan: Path) -> None:
    assert gates(*shard(plan, 3)).code == 1


def test_the_plan_and_the_bundles_may_lie_in_the_checkout(gates: InProcess, plan: Path) -> None:
    inside = gates.repo.write("gates-report/plan.json", plan.read_text())
    assert gates(*shard(inside)).code == 0

    again = gates(*shard(inside, 2))

    assert again.code == 0, again.err
    assert "left files behind" not in again.out


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda gates: gates.repo.write("new.txt", "x"), "the tree is"),
        (lambda gates: gates.repo.commit("another"), "the commit is"),
        (lambda gates: gates.policy(POLICY + "# more\n"), "the commit is"),
    ],
)
def test_another_checkout_is_refused(
    gates: InProcess, plan: Path, change: object, words: str
) -> None:
    assert callable(change)
    change(gates)

    done = gates(*shard(plan))

    assert done.code == 3
    assert words in done.err
    assert not (gates.repo.root / "gates-report").exists()


def test_another_run_of_ci_is_refused(gates: InProcess, plan: Path) -> None:
    done = gates(*shard(plan), GITHUB_RUN_ID="7")

    assert done.code == 3
    assert "the run of CI is `7` here and `none` in the plan" in done.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--gate", "c0"), "a shard is judged whole"),
        (("--changed-from", "HEAD"), "a shard is judged whole"),
        (("--staged",), "a shard is judged whole"),
        (("--level", "2"), "the plan is of Level 1"),
    ],
)
def test_a_part_of_a_shard_cannot_be_asked_for(
    gates: InProcess, plan: Path, arguments: tuple[str, ...], words: str
) -> None:
    done = gates(*shard(plan), *arguments)

    assert done.code == 2
    assert words in done.err


def test_the_level_of_the_plan_may_be_named(gates: InProcess, plan: Path) -> None:
    assert gates(*shard(plan), "--level", "1").code == 0


@pytest.mark.parametrize("bundle", [".", "src"])
def test_a_bundle_among_files_of_the_project_would_hide_new_ones(
    gates: InProcess, plan: Path, bundle: str
) -> None:
    gates.repo.write("src/kept.py", "")
    gates.repo.commit()
    gates.repo.write("src/conftest.py", "new = True\n")

    done = gates(*shard(plan), "--bundle", bundle)

    assert done.code == 3
    assert "error[folder-shared]" in done.err


def test_a_shard_is_judged_by_the_policy_of_its_plan(gates: InProcess, plan: Path) -> None:
    done = gates(*shard(plan), "--policy-from", "HEAD")

    assert done.code == 3
    assert "error[shard-differs]: the policy is `gates.yaml@" in done.err


def test_a_shard_needs_its_plan(gates: InProcess, plan: Path) -> None:
    for arguments in (("--shard", "1"), ("--plan", str(plan)), ("--bundle", "x")):
        done = gates("check", *arguments)
        assert done.code == 2
        assert "--shard and --plan go together" in done.err
    assert "there is no shard 4: the plan has 3" in gates(*shard(plan, 4)).err


def test_a_file_that_is_no_plan_is_refused(gates: InProcess, plan: Path) -> None:
    plan.write_text("{}")

    done = gates(*shard(plan))

    assert done.code == 3
    assert "is no plan of the schema" in done.err
