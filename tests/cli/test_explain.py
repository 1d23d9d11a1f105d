from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
from cli.conftest import Gates
from reports.runs import gate_runs, sample_run

from gates.reports.record_v1 import render

POLICY = """\
version: 1
project: shop
levels:
  1:
    gates:
      fine:
        uses: command
        with: {run: "true", examined: exit-status}
        env: {MODE: fast lane}
      broken:
        uses: command
        with: {run: "false", examined: exit-status}
  2:
    gates:
      later:
        uses: command
        with: {run: "true", examined: exit-status}
"""


@pytest.fixture
def ran(gates: Gates) -> Gates:
    gates.policy(POLICY)
    assert gates("check").code == 1
    return gates


def test_the_last_run_is_explained(ran: Gates) -> None:
    done = ran("explain")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("shop failed · Level 1 ")
    assert "failed broken  Level 1 · uses command · gates.yaml:10:7\n" in done.out
    assert "more: gates explain broken" in done.out
    assert "fine" not in done.out


def test_a_gate_is_explained_with_the_environment_of_gates_yaml(ran: Gates) -> None:
    done = ran("explain", "fine")
    assert done.code == 0
    assert "MODE='fast lane' " in done.out
    assert f"cd {ran.repo.root}\n" in done.out
    assert "\x1b" not in done.out
    coloured = ran("explain", "fine", FORCE_COLOR="1")
    assert "\x1b[1mfine" in coloured.out


def test_a_gate_that_is_not_there_is_a_usage_error(ran: Gates) -> None:
    done = ran("explain", "brokn")
    assert (done.code, done.out) == (2, "")
    assert "holds no gate `brokn`" in done.err
    assert "did you mean `broken`?" in done.err
    assert "`gates explain` lists what did not pass" in ran("explain", "zzzzzz").err
    assert "it was not judged: run `gates check --level 2`" in ran("explain", "later").err


def test_a_policy_that_changed_since_is_told(ran: Gates) -> None:
    ran.repo.write("gates.yaml", POLICY.replace("fast lane", "slow"))
    done = ran("explain", "fine")
    assert done.code == 0
    assert "gates.yaml changed since this run" in done.out
    assert "MODE=" not in done.out


def test_waivers_that_cannot_be_read_today_do_not_stop_it(ran: Gates) -> None:
    ran.repo.write(".gates/waivers.yaml", "version: 7\n")
    done = ran("explain", "fine")
    assert done.code == 0
    assert "cannot be used today" in done.out


def stored(gates: Gates, *artifacts: tuple[str, str]) -> str:
    """A record of a run whose lint gate read these files, with these digests."""
    gates.policy("version: 1\nproject: orders\nlevels:\n  1: [ruff]\n")
    document = json.loads(render(sample_run(*gate_runs())))
    document["gates"][0]["reports"] = [{"path": path, "sha256": sha} for path, sha in artifacts]
    gates.repo.write("kept/run.json", json.dumps(document))
    return "kept/run.json"


DIGEST = sha256(b"test").hexdigest()


def test_each_report_is_looked_at_again(gates: Gates) -> None:
    record = stored(
        gates,
        ("same.json", DIGEST),
        ("given.xml", DIGEST),
        ("other.json", DIGEST),
        ("gone.json", DIGEST),
        ("empty.json", DIGEST),
        ("linked.json", DIGEST),
    )
    root: Path = gates.repo.root
    for name, text in (("kept/same.json", "test"), ("given.xml", "test"), ("kept/empty.json", "")):
        (root / name).write_text(text)
    (root / "kept/other.json").write_text("tost")
    (root / "kept/linked.json").symlink_to("same.json")
    out = gates("explain", "lint", "--record", record).out
    found = [line.strip() for line in out.splitlines()]
    after = {name: found[found.index(f"report      {name}") + 2] for name in NAMES}
    assert after["same.json"] == "there, unchanged"
    assert after["given.xml"] == "there, unchanged, in the folder of gates.yaml"
    assert after["other.json"].startswith("changed since the run: its sha256 is ")
    assert after["gone.json"] == "not there any more"
    assert after["empty.json"].endswith("is empty")
    assert after["linked.json"].endswith("is a link, not a file")


NAMES = ("same.json", "given.xml", "other.json", "gone.json", "empty.json", "linked.json")


def test_findings_can_be_limited(gates: Gates) -> None:
    record = stored(gates)
    assert "lines 45-52" in gates("explain", "coverage", "--record", record).out
    short = gates("explain", "coverage", "--record", record, "--limit", "0")
    assert "lines 45-52" not in short.out
    assert "… and 1 more" in short.out
    assert gates("explain", "coverage", "--record", record, "--limit", "-1").code == 2


@pytest.mark.parametrize("name", ["a" * 5000, "kept/none.json"])
def test_a_record_that_is_not_there_is_a_usage_error(gates: Gates, name: str) -> None:
    gates.policy("version: 1\nlevels:\n  1: [ruff]\n")
    done = gates("explain", "--record", name)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error[no-record]: ")


def test_without_any_run_it_says_what_to_do(gates: Gates) -> None:
    gates.policy("version: 1\nlevels:\n  1: [ruff]\n")
    done = gates("explain")
    assert done.code == 2
    assert "run `gates check` first" in done.err


def test_a_secret_and_a_control_sequence_are_not_shown(gates: Gates) -> None:
    record = stored(gates)
    path = gates.repo.root / record
    path.write_text(path.read_text().replace("lines 45-52", "hunter2-secret \\u001b]0;x\\u0007"))
    done = gates("explain", "coverage", "--record", record, API_TOKEN="hunter2-secret")
    assert done.code == 0
    assert "hunter2" not in done.out
    assert not {"\x1b", "\x07"} & set(done.out)
