from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from executor.conftest import scripted
from executor.test_shards import divided

from gates.domain.errors import ConfigError
from gates.reports import shards_gitlab
from gates.reports.shards_gitlab import Origin

ORIGIN = Origin(file="gates-report/plan.json", entry="gates plan", pipeline="4711")


def child(count: int) -> str:
    gates = (scripted(f"g{at}") for at in range(count))
    return shards_gitlab.report(divided(*gates, count=count), ORIGIN)


def test_each_shard_is_one_of_the_matrix_and_one_entry_merges() -> None:
    text = child(3)

    assert '- GATES_SHARD: ["1", "2", "3"]' in text
    assert 'gates check --shard "$GATES_SHARD" --plan gates-report/plan.json' in text
    assert "gates merge gates-report --expect gates-report/plan.json" in text
    assert 'GATES_CI_RUN: "4711"' in text
    assert '- job: "gates shards 1"' in text


def test_more_shards_than_one_matrix_holds_take_two() -> None:
    text = child(256)

    assert '"gates shards 2":' in text
    assert '- job: "gates shards 2"' in text
    assert '"200"]' in text
    assert '- GATES_SHARD: ["201",' in text


@pytest.mark.parametrize(
    "origin",
    [
        Origin("../plan.json", "plan", "1"),
        Origin("a b.json", "plan", "1"),
        Origin("-x.json", "plan", "1"),
        Origin("a\nscript: x", "plan", "1"),
        Origin("a.json", 'x"\n  script: y', "1"),
        Origin("a.json", "", "1"),
        Origin("a.json", "plan", "1; rm"),
        Origin("a.json", "plan", ""),
    ],
)
def test_no_free_text_gets_into_a_pipeline(origin: Origin) -> None:
    with pytest.raises(ConfigError, match="cannot stand in a pipeline"):
        shards_gitlab.report(divided(scripted("a")), origin)


@pytest.mark.parametrize("count", [1, 256])
def test_gitlab_takes_the_file(tmp_path: Path, count: int) -> None:
    pytest.importorskip("check_jsonschema", reason="check-jsonschema is not installed")
    path = tmp_path / "child.yml"
    path.write_text(child(count))
    command = ("check_jsonschema", "--builtin-schema", "vendor.gitlab-ci", str(path))

    done = subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
