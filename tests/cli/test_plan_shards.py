from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from cli.in_process import InProcess
from repositories import Repo

SIX = "version: 1\nlevels:\n  1:\n    gates:\n" + "".join(
    f'      c{at}: {{uses: command, with: {{run: "true", examined: exit-status}}}}\n'
    for at in range(6)
)
GITLAB = {"CI_PIPELINE_ID": "4711", "CI_JOB_NAME": "plan"}
MATRIX = ("plan", "--format", "github-matrix")


@pytest.fixture
def gates(repo: Repo) -> InProcess:
    return InProcess(repo)


@pytest.fixture
def six(gates: InProcess) -> InProcess:
    gates.repo.write(".gitignore", ".gates/\n")
    gates.policy(SIX)
    return gates


def test_standard_output_holds_numbers_and_the_file_the_plan(
    six: InProcess, tmp_path: Path
) -> None:
    path = tmp_path / "out" / "plan.json"

    done = six(*MATRIX, "--shards", "3", "--output", str(path), GITHUB_RUN_ID="7")

    assert (done.code, done.out) == (0, '{"shard":[1,2,3]}\n')
    assert "6 gates, in 3 shards" in done.err
    plan = json.loads(path.read_text())
    assert (plan["schema"], plan["level"], plan["ci"]["run"]) == ("gates/shards/v1", 1, "7")
    assert len(plan["shards"]) == 3


def test_no_more_shards_are_made_than_there_is_work_for(six: InProcess, tmp_path: Path) -> None:
    done = six(*MATRIX, "--shards", "9", "--output", str(tmp_path / "p.json"))

    assert done.out == '{"shard":[1,2,3,4,5,6]}\n'
    assert "9 machines were offered; there is work for 6" in done.err


def test_recorded_durations_decide_who_goes_where(six: InProcess, tmp_path: Path) -> None:
    checked = six("check", "--report", f"json={tmp_path / 'run.json'}")
    assert checked.code == 0, checked.out
    record = json.loads((tmp_path / "run.json").read_text())
    for gate in record["gates"]:
        gate["seconds"] = 60 if gate["name"] == "c4" else 1
    (tmp_path / "run.json").write_text(json.dumps(record))
    path = tmp_path / "plan.json"

    done = six(*MATRIX, "--durations", str(tmp_path / "run.json"), "--output", str(path))

    shards = json.loads(path.read_text())["shards"]
    assert done.out == '{"shard":[1,2]}\n'
    assert [each["name"] for each in shards[0]["gates"]] == ["c4"]
    assert "the longest is expected to take 60.0 s" in done.err


def test_a_gate_that_stays_whole_is_told(gates: InProcess, tmp_path: Path) -> None:
    tests = "version: 1\nlevels:\n  1:\n    gates:\n      tests: {uses: pytest, shards: 4}\n"
    gates.policy(tests + '      c: {uses: command, with: {run: "true", examined: exit-status}}\n')
    path = str(tmp_path / "plan.json")

    assert (
        "`tests` asks for 4 parts; it goes into 2 parts"
        in gates(*MATRIX, "--shards", "2", "--output", path).err
    )
    assert (
        "`tests` asks for 4 parts; it stays whole"
        in gates(*MATRIX, "--shards", "1", "--output", path).err
    )


def test_gitlab_is_given_a_pipeline(six: InProcess) -> None:
    done = six(
        "plan", "--format", "gitlab", "--shards", "2", "--output", "gates-report/p.json", **GITLAB
    )

    assert done.code == 0, done.err
    assert '- GATES_SHARD: ["1", "2"]' in done.out
    assert "--plan gates-report/p.json" in done.out
    assert (six.repo.root / "gates-report/p.json").is_file()


@pytest.mark.parametrize(
    ("arguments", "environ", "words"),
    [
        (("--output", "p.json"), {}, "cannot stand in a pipeline"),
        (("--output", "p q.json"), GITLAB, "cannot stand in a pipeline"),
        (("--output", "../p.json"), GITLAB, "outside the checkout"),
    ],
)
def test_a_pipeline_that_cannot_be_safe_is_not_made(
    six: InProcess, arguments: tuple[str, ...], environ: dict[str, str], words: str
) -> None:
    done = six("plan", "--format", "gitlab", *arguments, **environ)

    assert (done.code, done.out) == (2, "")
    assert words in done.err


def test_a_pipeline_is_written_for_the_top_of_a_repository(gates: InProcess) -> None:
    gates.repo.write("inner/gates.yaml", SIX)
    gates.repo.commit()

    done = gates("-C", "inner", "plan", "--format", "gitlab", "--output", "p.json", **GITLAB)

    assert done.code == 2
    assert "at the top of its repository" in done.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--format", "github-matrix"), "add --output FILE"),
        (("--format", "github-matrix", "--output", "x", "--gate", "c0"), "leave out --gate"),
        (("--shards", "3"), "need --format"),
        (("--output", "x"), "need --format"),
        (("--format", "github-matrix", "--output", "x", "--shards", "257"), "257"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    six: InProcess, arguments: tuple[str, ...], words: str
) -> None:
    done = six("plan", *arguments)

    assert done.code == 2
    assert words in done.err


def test_shards_of_the_policy_of_a_commit_are_planned_measured_and_merged(
    six: InProcess, tmp_path: Path
) -> None:
    """That policy has a gate of its own, which judges what the change makes of it."""
    plan, base = tmp_path / "plan.json", ("--policy-from", "HEAD")
    planned = six(*MATRIX, "--shards", "2", "--output", str(plan), *base)
    assert planned.code == 0, planned.err
    bundles = ("--bundle", str(tmp_path / "bundles"))
    for index in ("1", "2"):
        done = six("check", "--shard", index, "--plan", str(plan), *bundles, *base)
        assert done.code == 0, done.err

    merged = six("merge", str(tmp_path / "bundles"), "--expect", str(plan), *base)

    assert merged.code == 0, merged.out + merged.err
    assert "policy" in [
        gate["name"] for each in json.loads(plan.read_text())["shards"] for gate in each["gates"]
    ]
    other = six("merge", str(tmp_path / "bundles"), "--expect", str(plan))
    assert (other.code, "the policy is `gates.yaml` here" in other.err) == (3, True)


@pytest.mark.parametrize("count", ["0", "257", "-1"])
def test_a_count_that_no_ci_system_runs_is_refused(
    six: InProcess, tmp_path: Path, count: str
) -> None:
    done = six(*MATRIX, "--shards", count, "--output", str(tmp_path / "p.json"))

    assert done.code == 2


@pytest.mark.parametrize("seconds", ["NaN", "Infinity", "-5", "1e300", "0"])
def test_durations_that_cannot_be_are_refused(six: InProcess, tmp_path: Path, seconds: str) -> None:
    record = tmp_path / "run.json"
    assert six("check", "--report", f"json={record}").code == 0
    record.write_text(re.sub(r'"seconds": [0-9.e-]+', f'"seconds": {seconds}', record.read_text()))
    plan = tmp_path / "p.json"

    done = six(*MATRIX, "--durations", str(record), "--output", str(plan))

    assert done.code == (0 if seconds == "0" else 3), done.err
    assert plan.exists() is (done.code == 0)


def test_a_plan_that_cannot_be_written_is_told(six: InProcess, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    done = six(*MATRIX, "--output", str(tmp_path / "file" / "plan.json"))

    assert done.code == 3
    assert "the plan of the shards could not be written" in done.err


def test_projects_are_divided_one_by_one(gates: InProcess, tmp_path: Path) -> None:
    gates.repo.write("a/gates.yaml", SIX)
    gates.policy("version: 1\nprojects: [a]\n")

    done = gates(*MATRIX, "--output", str(tmp_path / "p.json"))

    assert done.code == 2
    assert "shards divide one project" in done.err
    assert "gates -C PROJECT plan" in done.err
