import json
import os
import signal
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from cli.conftest import KEPT, Gates

POLICY = """\
version: 1
project: shop
levels:
  1:
    gates:
      fine:
        uses: command
        with: {run: "true", examined: exit-status}
      counted:
        uses: command
        with:
          run: echo 7 files, 2 problems
          examined: {pattern: '(?P<value>\\d+) files', unit: files}
          metrics:
            problems: {pattern: '(?P<value>\\d+) problems', unit: count}
        require: [problems <= LIMIT]
"""


def policy(limit: int) -> str:
    return POLICY.replace("LIMIT", str(limit))


def test_a_run_that_passes_shows_every_number(gates: Gates) -> None:
    gates.policy(policy(2))
    done = gates("check")
    assert done.code == 0, done.err
    assert "shop · Level 1 Automated · 2 gates" in done.out
    assert "problems 2 (<= 2)" in done.out
    assert "7 files" in done.out
    assert "only its exit status was examined" in done.out
    assert done.out.count("passed") >= 3
    assert done.err == ""


def test_a_run_that_fails_says_where_how_far_and_what_next(gates: Gates) -> None:
    gates.policy(policy(1))
    done = gates("check")
    assert done.code == 1
    assert "failed counted  gates.yaml:9:7" in done.out
    assert "problems is 2, required <= 1; 1 fewer counted as `problems` would pass" in done.out
    assert "again: " in done.out


def test_standard_output_holds_only_the_record(gates: Gates, root: Path) -> None:
    gates.policy(policy(2))
    done = gates("check", "--report", "json", "--report", "console=out/console.txt")
    document = json.loads(done.out)
    schema = json.loads((files("gates.reports") / "run_v1.schema.json").read_text())
    jsonschema.validate(document, schema)
    assert document["verdict"] == "passed"
    assert "problems 2" in done.err
    assert "problems 2" in (root / "out" / "console.txt").read_text()
    (folder,) = (root / ".gates" / "local" / "runs").iterdir()
    assert json.loads((folder / "run.json").read_text()) == document
    assert (root / ".gates" / "local" / ".gitignore").read_text() == "*\n"


def test_a_stored_record_is_rendered_again(gates: Gates) -> None:
    gates.policy(policy(1))
    first = gates("check")
    again = gates("report", "console")
    assert again.code == 0
    assert again.out.splitlines()[-3:] == first.out.splitlines()[-3:]
    assert json.loads(gates("report", "json").out)["verdict"] == "failed"
    run = json.loads(gates("report", "json").out)["id"]
    assert json.loads(gates("report", "json", "--record", run).out)["id"] == run
    missing = gates("report", "json", "--record", "nothing")
    assert (missing.code, "no run `nothing`" in missing.err) == (2, True)


def test_a_folder_can_be_named(gates: Gates, root: Path) -> None:
    gates.policy(policy(2))
    inner = root / "src"
    inner.mkdir()
    assert gates("-C", "src", "check").code == 0
    assert gates("-C", "absent", "check").code == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("check", "--level", "2"), "level 2 has no gates"),
        (("check", "--gate", "fien"), "no gate is named `fien`"),
        (("check", "--report", "jsn"), "formats: console, html, json"),
        (("check", "--report", "json", "--report", "console"), "only one format"),
        (("check", "--level", "4"), "4"),
        (("chek",), "chek"),
        (("stages", "ruf"), "did you mean `ruff`?"),
    ],
)
def test_usage_errors_are_exit_2(gates: Gates, arguments: tuple[str, ...], words: str) -> None:
    gates.policy(policy(2))
    done = gates(*arguments)
    assert done.code == 2
    assert words in done.err
    assert "Traceback" not in done.err


def test_errors_of_the_file_are_shown_with_caret(gates: Gates) -> None:
    gates.policy("version: 1\nlevels:\n  1: [ruf]\n  2: {gats: [ruff]}\n")
    done = gates("check")
    assert done.code == 2
    assert "gates.yaml:3:7" in done.err
    assert "did you mean `ruff`" in done.err
    assert "gates.yaml:4:7" in done.err
    assert "^" in done.err


def test_without_a_file_the_next_step_is_told(gates: Gates) -> None:
    done = gates("check")
    assert done.code == 2
    assert "gates.yaml" in done.err


def test_a_selected_gate_is_partial(gates: Gates) -> None:
    gates.policy(policy(1))
    done = gates("check", "--gate", "fine")
    assert done.code == 0
    assert "partial" in done.out


def test_a_missing_program_is_errored_with_the_next_step(gates: Gates) -> None:
    gates.policy(
        "version: 1\nlevels:\n  1:\n    gates:\n      x:\n        uses: command\n"
        "        with: {run: no-such-program-here, examined: exit-status}\n"
    )
    done = gates("check")
    assert done.code == 3
    assert "errored" in done.out
    assert "next: " in done.out


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_ends_with_its_code_and_leaves_nothing(
    gates: Gates, root: Path, number: signal.Signals, code: int
) -> None:
    gates.policy(
        "version: 1\nlevels:\n  1:\n    gates:\n      slow:\n        uses: command\n"
        "        with: {run: sh -c 'touch started; exec sleep 300', examined: exit-status}\n"
    )
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-m", "gates", "check"],
        cwd=root,
        env={**gates.repo.environ, **kept},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + 60
    while not (root / "started").exists() and time.monotonic() < deadline:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(number)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == code
    assert b"interrupted" in out
    (folder,) = (root / ".gates" / "local" / "runs").iterdir()
    record = json.loads((folder / "run.json").read_text())
    assert (record["complete"], record["exit_code"]) == (False, code)


def test_a_parent_that_ignores_ended_children_changes_nothing(gates: Gates) -> None:
    gates.policy(policy(1))
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    script = (
        "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN);"
        "os.execv(sys.executable, [sys.executable, '-m', 'gates', 'check'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=gates.repo.root,
        env={**gates.repo.environ, **kept},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr.decode()
    assert b"problems is 2, required <= 1" in done.stdout
