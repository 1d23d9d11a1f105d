"""Shards measured in clones and merged: the same verdict as one run, or errored with its reason."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cli.shard_projects import PYPROJECT, SHOP, Machines, calling, machines

from gates import app
from gates.cli import shard_files
from gates.executor import shards
from gates.executor.merge_records import Sorting
from gates.formats.shard_plan import canonical

COMMANDS = 37
GITHUB = {"CI": "true", "GITHUB_RUN_ID": "77", "GITHUB_RUN_ATTEMPT": "2"}


def forty() -> str:
    lines = [
        "version: 1",
        "project: shop",
        "sources: [src]",
        "levels:",
        "  1:",
        "    gates:",
        "      one: {uses: pytest, with: {paths: [tests/one]}}",
        "      three: {uses: pytest, shards: 2, with: {paths: [tests/three]}}",
        "      coverage: {uses: coverage, with: {tests: [one, three]}}",
    ]
    lines += [
        f'      c{at}: {{uses: command, with: {{run: "true", examined: exit-status}}}}'
        for at in range(COMMANDS)
    ]
    return "\n".join(lines) + "\n"


FILES = {
    "pyproject.toml": PYPROJECT,
    "src/shop/__init__.py": SHOP,
    "tests/one/test_one.py": calling("one"),
    "tests/one/test_two.py": calling("two"),
    "tests/three/test_three.py": calling("three"),
    "tests/three/test_one_again.py": calling("one").replace("test_it", "test_again"),
}


def record_of(done_at: Path) -> dict[str, object]:
    # Two runs of one second sort by chance.
    runs = (done_at / ".gates/local/runs").glob("*/run.json")
    newest = max(runs, key=lambda path: path.stat().st_mtime_ns)
    found: dict[str, object] = json.loads(newest.read_text())
    return found


def judged(record: dict[str, object]) -> list[object]:
    """All that a verdict stands on: it must not hang on how many machines measured."""
    kept = ("name", "status", "metrics", "conditions", "examined", "reason", "findings", "criteria")
    gates = record["gates"]
    assert isinstance(gates, list)
    return [
        record["verdict"],
        record["exit_code"],
        record["commit"],
        record["tree"],
        record["criteria"],
        [{name: gate[name] for name in kept} for gate in gates],
    ]


@pytest.mark.live
@pytest.mark.parametrize(("bad", "count"), [(False, 8), (True, 3)], ids=["passed", "failed"])
def test_forty_gates_over_eight_clones_come_to_the_same_as_one_run(
    tmp_path: Path, count: int, *, bad: bool
) -> None:
    policy = forty()
    files = dict(FILES)
    if bad:
        policy = policy.replace(
            'c7: {uses: command, with: {run: "true"', 'c7: {uses: command, with: {run: "false"'
        )
        files["tests/three/test_three.py"] = "def test_it():\n    assert False\n"
    pool = machines(tmp_path, policy, files)
    whole = pool.gates("check")
    one = record_of(pool.repo.root)
    indexes = pool.planned(count)
    done = [pool.measured(index) for index in indexes]
    merged = pool.merged()
    record = record_of(pool.repo.root)

    assert len(indexes) == count
    assert merged.code == whole.code == (1 if bad else 0), merged.out + merged.err
    assert [each.out + each.err for each in done if each.code not in {0, int(bad)}] == []
    assert judged(record) == judged(one)
    gates = record["gates"]
    assert isinstance(gates, list)
    coverage = next(gate for gate in gates if gate["name"] == "coverage")
    line = next(metric for metric in coverage["metrics"] if metric["name"] == "line")
    assert (line["numerator"], line["denominator"]) == ((11, 15) if bad else (15, 15))


SMALL = """\
version: 1
project: shop
levels:
  1:
    gates:
      tests: {uses: pytest, shards: 2, with: {paths: [tests]}}
      a: {uses: command, with: {run: "true", examined: exit-status}}
      b: {uses: command, with: {run: "true", examined: exit-status}}
      c: {uses: command, with: {run: "true", examined: exit-status}}
      d: {uses: command, with: {run: "true", examined: exit-status}}
      e: {uses: command, with: {run: "true", examined: exit-status}}
      f: {uses: command, with: {run: "true", examined: exit-status}}
"""

TESTS = {
    "pyproject.toml": PYPROJECT,
    "tests/test_one.py": "def test_it():\n    assert True\n",
    "tests/test_two.py": "def test_it():\n    assert True\n",
}


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Machines:
    """Three shards of a small project, each measured in a clone, in a run of CI."""
    pool = machines(tmp_path_factory.mktemp("shards"), SMALL, TESTS)
    for index in pool.planned(3, **GITHUB):
        done = pool.measured(index, **GITHUB)
        assert done.code == 0, done.out + done.err
        assert "partial" in done.out
    return pool


@pytest.fixture
def pool(measured: Machines, tmp_path: Path) -> Machines:
    return measured.copied(tmp_path)


Change = Callable[[dict[str, object]], object]


def rewritten(pool: Machines, change: Change, *, index: int = 2, seal: bool = True) -> None:
    """Change a record; with a new seal, as one who forges it would."""
    from hashlib import sha256

    path = pool.bundles / f"shard-{index}" / "run.json"
    record = json.loads(path.read_text())
    change(record)
    if seal and record.get("shard"):
        record["shard"]["seal"] = ""
        record["shard"]["seal"] = sha256(canonical(record)).hexdigest()
    path.write_text(json.dumps(record))


def shard_with(pool: Machines, gate: str) -> int:
    plan = json.loads(pool.plan.read_text())
    for shard in plan["shards"]:
        if gate in [each["name"] for each in shard["gates"]]:
            return int(shard["index"])
    raise AssertionError(gate)


def test_three_shards_that_are_whole_pass(pool: Machines) -> None:
    merged = pool.merged(**GITHUB)

    assert merged.code == 0, merged.out + merged.err
    record = record_of(pool.repo.root)
    assert record["shard"] is None
    told = record["shards"]
    assert isinstance(told, dict)
    assert [each["index"] for each in told["shards"]] == [1, 2, 3]
    assert (told["run"], told["attempt"]) == ("77", "2")


def missing(pool: Machines) -> None:
    shutil.rmtree(pool.bundles / "shard-2")


def double(pool: Machines) -> None:
    shutil.copytree(pool.bundles / "shard-2", pool.bundles / "again" / "shard-2")


def setting(key: str, value: object) -> Callable[[Machines], None]:
    return lambda pool: rewritten(pool, lambda record: record.update({key: value}))


def in_shard(key: str, value: object) -> Callable[[Machines], None]:
    def change(record: dict[str, object]) -> None:
        shard = record["shard"]
        assert isinstance(shard, dict)
        shard[key] = value

    return lambda pool: rewritten(pool, change)


def with_gates(change: Callable[[list[dict[str, object]]], object]) -> Callable[[Machines], None]:
    def changed(record: dict[str, object]) -> None:
        gates = record["gates"]
        assert isinstance(gates, list)
        change(gates)

    return lambda pool: rewritten(pool, changed, index=shard_with(pool, "a"))


def other_policy(record: dict[str, object]) -> None:
    policy = record["policy"]
    assert isinstance(policy, dict)
    policy["sha256"] = "0" * 64


def interrupted(record: dict[str, object]) -> None:
    record.update(complete=False, verdict="errored", exit_code=130)


def heavier(record: dict[str, object]) -> None:
    record.update(verdict="errored", exit_code=3)


def lied(gates: list[dict[str, object]]) -> None:
    gate = next(gate for gate in gates if gate["name"] == "a")
    for metric in gate["metrics"]:  # type: ignore[attr-defined]
        metric["value"] = 1
    for condition in gate["conditions"]:  # type: ignore[attr-defined]
        condition["value"] = 1


def loosened(gates: list[dict[str, object]]) -> None:
    gate = next(gate for gate in gates if gate["name"] == "a")
    for condition in gate["conditions"]:  # type: ignore[attr-defined]
        condition.update(text="exit_status <= 5", operator="<=", limit=5)


def renamed(gates: list[dict[str, object]]) -> None:
    next(gate for gate in gates if gate["name"] == "a")["name"] = "z"


def doubled(gates: list[dict[str, object]]) -> None:
    gates.append({**next(gate for gate in gates if gate["name"] == "a"), "name": "z"})


def unrun(gates: list[dict[str, object]]) -> None:
    gate = next(gate for gate in gates if gate["name"] == "a")
    gate.update(
        status="skipped", reason="not needed", examined=None, metrics=[], conditions=[], canary=None
    )


def dropped(gates: list[dict[str, object]]) -> None:
    gates[:] = [gate for gate in gates if gate["name"] != "a"]


def whole_run(pool: Machines) -> None:
    def change(record: dict[str, object]) -> None:
        record.update(shard=None, selection="--gate a")

    rewritten(pool, change, index=shard_with(pool, "tests"))


def handed(pool: Machines) -> Path:
    return next(pool.bundles.joinpath(f"shard-{shard_with(pool, 'tests')}").rglob("main.json"))


def emptied(pool: Machines) -> None:
    handed(pool).unlink()


def tampered(pool: Machines) -> None:
    path = handed(pool)
    path.write_text(path.read_text().replace('"failed": 0', '"failed": 1'))


def listed_twice(pool: Machines) -> None:
    def change(record: dict[str, object]) -> None:
        shard = record["shard"]
        assert isinstance(shard, dict)
        shard["files"] *= 2

    rewritten(pool, change, index=shard_with(pool, "tests"))


def piped(pool: Machines) -> None:
    path = handed(pool)
    path.unlink()
    os.mkfifo(path)


def edited(pool: Machines) -> None:
    rewritten(pool, lambda record: record.update(originator="User:eve"), seal=False)


def truncated(pool: Machines) -> None:
    path = pool.bundles / "shard-2" / "run.json"
    path.write_bytes(path.read_bytes()[:-200])


FORGERIES = [
    (missing, "shard 2 of 3 is missing"),
    (double, "shard 2 was handed in 2 times"),
    (setting("commit", "0" * 40), "another commit"),
    (setting("tree", "0" * 40), "another tree"),
    (lambda pool: rewritten(pool, other_policy), "another policy"),
    (setting("gates_version", "0.0.1"), "another version of gates"),
    (in_shard("run", "78"), "another run of CI: `78`"),
    (in_shard("attempt", "1"), "an older attempt of the run: `1`"),
    (in_shard("attempt", "3"), "a newer attempt of the run: `3`"),
    (in_shard("plan_sha256", "0" * 64), "another plan of the shards"),
    (in_shard("index", 9), "it says to be shard 9"),
    (lambda pool: rewritten(pool, interrupted), "interrupted"),
    (lambda pool: rewritten(pool, heavier), "heavier than its gates"),
    (setting("selection", "--gate a"), "a selection only"),
    (whole_run, "the record of a run with --gate a"),
    (with_gates(dropped), "the gate `a` is missing"),
    (with_gates(doubled), "the gate `z`, which is not one of its own"),
    (with_gates(renamed), "the gate `a` is missing"),
    (with_gates(lied), "what their metrics do not show"),
    (with_gates(loosened), "other conditions than here"),
    (with_gates(unrun), "was not run"),
    (emptied, "of its bundle is missing"),
    (tampered, "is not the one that was recorded"),
    (listed_twice, "names a file of its bundle twice"),
    (piped, "regular file"),
    (edited, "was changed after it was written"),
    (truncated, "not JSON"),
]


@pytest.mark.parametrize(("forge", "words"), FORGERIES)
def test_each_way_to_lose_or_forge_a_shard_is_told_apart(
    pool: Machines, forge: Callable[[Machines], None], words: str
) -> None:
    forge(pool)

    loaded = app.load(pool.repo.root, pool.environ)
    plan = shard_files.read_plan(pool.plan)
    gates = shards.due(loaded.plan, plan.level)
    found = Sorting(plan, gates, pool.home / "into").sorted(
        shard_files.submissions((pool.bundles,))
    )

    said = " | ".join(each.summary for each in (*found.bad.values(), *found.refused))
    assert words in said, said


@pytest.mark.parametrize(
    "forge", [missing, double, tampered, edited, in_shard("index", 9), in_shard("attempt", "1")]
)
def test_a_shard_that_is_lost_or_forged_is_errored(
    pool: Machines, forge: Callable[[Machines], None]
) -> None:
    forge(pool)

    merged = pool.merged(**GITHUB)

    record = record_of(pool.repo.root)
    told = record["shards"]
    assert isinstance(told, dict)
    problems = [each["problem"] for each in told["shards"] if each["problem"]]
    said = [each["reason"] for each in (*problems, *told["refused"])]
    assert (merged.code, record["verdict"]) == (3, "errored"), merged.out
    assert said
    assert all(text[:60] in merged.out for text in said), merged.out


def test_a_merge_in_another_checkout_is_refused(pool: Machines) -> None:
    other = pool.clone("other")
    (other / "src.txt").write_text("new\n")

    merged = pool.gates_at(other, "merge", str(pool.bundles), "--expect", str(pool.plan), **GITHUB)

    assert merged.code == 3
    assert "error[shard-differs]: the tree is" in merged.err
    assert "src.txt" in merged.err


def test_a_merge_of_another_attempt_is_refused(pool: Machines) -> None:
    merged = pool.merged(**{**GITHUB, "GITHUB_RUN_ATTEMPT": "3"})

    assert merged.code == 3
    assert "the attempt of that run is `3` here and `2` in the plan" in merged.err


def test_a_plan_that_was_edited_is_refused(pool: Machines) -> None:
    pool.plan.write_text(pool.plan.read_text().replace('"level": 1', '"level": 2'))

    merged = pool.merged(**GITHUB)

    assert merged.code == 3
    assert "the plan of the shards was changed" in merged.err


def test_a_merge_of_the_whole_checkout_would_hide_new_files(pool: Machines) -> None:
    merged = pool.gates("merge", ".", "--expect", str(pool.plan), **GITHUB)

    assert merged.code == 3
    assert "error[folder-shared]" in merged.err


def test_a_merge_needs_a_plan_and_records(pool: Machines) -> None:
    assert pool.gates("merge", str(pool.bundles)).code == 2
    assert pool.gates("merge", "--expect", str(pool.plan)).code == 2
