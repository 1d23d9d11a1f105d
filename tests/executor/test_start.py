import hashlib
import json
import os
import signal
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from executor.conftest import Runner, scripted
from executor.stages import Curious

from gates.domain.errors import ConfigError
from gates.domain.events import GateEnded, GateProgressed, GateStarted
from gates.domain.run import Selection
from gates.domain.status import Status, Verdict
from gates.domain.waiver import Waiver, WaiverFile
from gates.executor.start import _prefix
from gates.toolkit.git import Git
from gates.toolkit.locks import RUN_FOLDER, run_folders


def test_gates_are_run_judged_and_recorded(run: Runner) -> None:
    done = run(scripted("lint"), scripted("types", "echo 3"))
    assert done.verdict is Verdict.FAILED
    assert done.exit_code == 1
    assert [gate.status for gate in done.gates] == [Status.PASSED, Status.FAILED]
    lint = done.gate("lint")
    assert lint.argv == ("/bin/sh", "-c", "echo 0")
    assert lint.tool_exit == 0
    assert (Path(done.folder) / lint.logs[0]).read_bytes() == b"0\n"
    assert done.commit == run.repo.git("rev-parse", "HEAD")
    assert done.dirty is False
    assert done.complete
    kinds = [type(event) for event in run.recorder.events]
    assert kinds.count(GateStarted) == kinds.count(GateEnded) == 2


def test_a_program_that_fails_is_errored_with_its_last_words(run: Runner) -> None:
    done = run(scripted("lint", "echo '\x1b[31mno config\x1b[0m' >&2; exit 7"))
    gate = done.gate("lint")
    assert gate.status is Status.ERRORED
    assert gate.judged.reason == "`sh` ended with exit code 7: no config"
    assert done.exit_code == 3


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("kill -9 $$", "was ended by signal 9"),
        ("exec sleep 60", "was ended after"),
        ("echo x", "broke: ValueError"),
    ],
)
def test_what_did_not_end_well_is_errored(run: Runner, script: str, reason: str) -> None:
    done = run(scripted("lint", script, timeout_s=1))
    assert done.gate("lint").status is Status.ERRORED
    assert reason in done.gate("lint").judged.reason


def test_a_defect_of_a_stage_is_its_own_error_and_others_go_on(run: Runner) -> None:
    done = run(scripted("bad", uses="broken"), scripted("lint"))
    assert [gate.status for gate in done.gates] == [Status.ERRORED, Status.PASSED]
    assert "ZeroDivisionError" in done.gate("bad").judged.reason
    assert (Path(done.folder) / "bad" / "internal-error.txt").read_text().startswith("Traceback")


def test_a_gate_whose_need_produced_nothing_names_its_cause(run: Runner) -> None:
    done = run(scripted("tests", uses="blind"), scripted("coverage", needs=("tests",)))
    coverage = done.gate("coverage")
    assert (coverage.status, coverage.judged.caused_by) == (Status.ERRORED, "tests")
    assert coverage.argv == ()


def test_a_gate_runs_on_what_a_failed_need_produced(run: Runner) -> None:
    Curious.seen.clear()
    done = run(scripted("tests", "echo 2"), scripted("coverage", uses="curious", needs=("tests",)))
    assert [gate.status for gate in done.gates] == [Status.FAILED, Status.PASSED]
    assert Curious.seen == ["tests True True"]


def test_a_gate_knows_what_is_asked_of_it(run: Runner) -> None:
    done = run(
        scripted("tests", uses="asked"),
        scripted("coverage", needs=("tests",), asks=(("tests", ("coverage",)),)),
    )
    assert done.gate("tests").notes == ("asked for ['coverage']",)
    assert any(isinstance(event, GateProgressed) for event in run.recorder.events)


def test_a_level_is_skipped_where_the_one_below_did_not_pass(run: Runner) -> None:
    gates = (scripted("lint", "echo 1"), scripted("load", level=2))
    done = run(*gates, choice=Selection(level=2))
    assert [gate.status for gate in done.gates] == [Status.FAILED, Status.SKIPPED]
    going = run(*gates, choice=Selection(level=2, keep_going=True))
    assert [gate.status for gate in going.gates] == [Status.FAILED, Status.PASSED]


def test_a_selection_is_partial_and_says_so(run: Runner) -> None:
    done = run(scripted("lint"), scripted("types"), choice=Selection(gates=("lint",)))
    assert (done.verdict, done.exit_code, done.selection) == (Verdict.PARTIAL, 0, "--gate lint")


def test_a_change_that_touches_no_input_is_unaffected(run: Runner) -> None:
    run.repo.write("README.md", "# other text\n")
    done = run(
        scripted("lint", uses="listed"), scripted("shell"), choice=Selection(changed_from="HEAD")
    )
    assert [gate.status for gate in done.gates] == [Status.UNAFFECTED, Status.PASSED]
    assert done.base == run.repo.git("rev-parse", "HEAD")
    assert done.dirty


def test_a_need_of_a_touched_gate_runs_too(run: Runner) -> None:
    run.repo.write("README.md", "# other text\n")
    done = run(
        scripted("tests", uses="listed"),
        scripted("coverage", needs=("tests",)),
        choice=Selection(changed_from="HEAD"),
    )
    assert [gate.status for gate in done.gates] == [Status.PASSED, Status.PASSED]


def test_a_changed_source_is_judged(run: Runner) -> None:
    run.repo.write("a.py", "x = 2\n")
    done = run(scripted("lint", "echo 1", uses="listed"), choice=Selection(changed_from="HEAD"))
    assert done.gate("lint").status is Status.FAILED


def test_children_get_a_clean_environment_and_secrets_stay_out(run: Runner) -> None:
    secret = {"API_TOKEN": "s3cr3t-value-1", "PYTHONPATH": "/planted", "GATES_X": "1"}
    script = "env >&2; echo s3cr3t-value-1 >&2; echo 0"
    done = run(scripted("lint", script), environ=secret)
    (finding,) = done.gate("lint").judged.findings
    assert "planted" not in finding.message
    assert "s3cr3t" not in json.dumps(finding.message)
    assert "TZ=UTC" in (Path(done.folder) / done.gate("lint").logs[1]).read_text()


def test_import_paths_of_the_gate_and_its_stage_are_both_kept(run: Runner) -> None:
    script = 'echo "path=$PYTHONPATH" >&2; echo 0'
    done = run(scripted("lint", script, uses="pathed", env=(("PYTHONPATH", "src"),)))
    (finding,) = done.gate("lint").judged.findings
    assert finding.message == "path=/stage:src"


def test_a_process_that_outlives_its_gate_is_ended_and_told(run: Runner) -> None:
    done = run(scripted("lint", "(trap '' TERM; sleep 300) >/dev/null 2>&1 & echo 0"))
    assert done.gate("lint").status is Status.PASSED
    assert "outlived" in done.gate("lint").notes[0]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_everything_and_is_recorded(run: Runner, number: signal.Signals) -> None:
    def interrupt() -> None:
        events = run.recorder.events
        ended = any(isinstance(e, GateEnded) and e.gate.name == "quick" for e in events)
        if ended and (run.repo.root / "started").exists():
            run.recorder.on_tick = lambda: None
            os.kill(os.getpid(), number)

    run.recorder.on_tick = interrupt
    done = run(
        scripted("quick"),
        scripted("slow", "touch started; sleep 300; echo 0"),
        scripted("never", needs=("slow",)),
    )
    assert done.exit_code == 128 + number
    assert not done.complete
    assert done.gate("quick").status is Status.PASSED
    assert done.gate("slow").judged.reason == "the run was interrupted"
    assert done.gate("never").status is Status.ERRORED


def test_a_run_below_a_run_of_the_same_folder_is_refused(run: Runner) -> None:
    with pytest.raises(ConfigError):
        run(scripted("lint"), environ={RUN_FOLDER: run_folders(run.repo.root.resolve(), {})})


def test_a_tracked_environment_is_refused(run: Runner) -> None:
    run.repo.write(".venv/bin/ruff", "#!/bin/sh\n")
    run.repo.commit()
    with pytest.raises(ConfigError, match="tracked by git"):
        run(scripted("lint"))


@pytest.mark.parametrize("choice", [Selection(level=2), Selection(gates=("nothing",))])
def test_a_selection_of_nothing_is_refused(run: Runner, choice: Selection) -> None:
    with pytest.raises(ConfigError):
        run(scripted("lint"), choice=choice)


def test_tracked_files_that_change_while_they_are_judged_are_no_pass(run: Runner) -> None:
    done = run(scripted("lint", f"echo y >> {run.repo.root}/a.py; echo 0"))
    assert "changed while they were judged" in done.notes[0]
    assert (done.verdict, done.exit_code) == (Verdict.ERRORED, 3)


def test_new_files_that_a_run_leaves_behind_are_only_told(run: Runner) -> None:
    done = run(scripted("lint", f"echo y > {run.repo.root}/coverage.xml; echo 0"))
    assert "left files behind that git does not ignore: `coverage.xml`; add" in done.notes[0]
    assert done.verdict is Verdict.PASSED


def test_of_many_files_that_a_run_leaves_behind_three_are_named(run: Runner) -> None:
    run.repo.write("old.txt", "1\n")
    done = run(scripted("lint", f"cd {run.repo.root}; touch a1 a2 a3 a4 a5; echo 0"))
    assert "ignore: `a1`, `a2`, `a3` and 2 more; add them to .gitignore" in done.notes[0]
    again = run(scripted("lint", f"cd {run.repo.root}; echo 2 > old.txt; echo 0"))
    told = "files that git neither tracks nor ignores changed during the run"
    assert again.notes[0] == told
    assert again.verdict is Verdict.PASSED


def test_outside_git_there_is_no_commit_and_no_tree(run: Runner) -> None:
    import shutil

    shutil.rmtree(run.repo.root / ".git")
    done = run(scripted("lint"))
    assert (done.commit, done.tree, done.verdict) == (None, None, Verdict.PASSED)
    assert done.prefix == ""


@pytest.mark.parametrize("folder", ["", "services/api", "a\nb"])
def test_where_gates_yaml_lies_in_the_repository_is_recorded(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    subprocess.run(["git", "init", "-q", tmp_path], check=True, env=environ)  # noqa: S607
    due = folder.replace("\n", " ")
    assert _prefix(Git(tmp_path / folder, environ)) == (f"{due}/" if due else "")


WAIVERS_TEXT = "version: 1\n"


def waiver_file(*conditions: str, last: date = date.max) -> WaiverFile:
    waivers = tuple(
        Waiver(
            gate=name,
            condition="errors",
            reason="r",
            owner="o",
            created=date.min,
            expires=last,
        )
        for name in conditions
    )
    digest = hashlib.sha256(WAIVERS_TEXT.encode()).hexdigest()
    return WaiverFile(source=".gates/waivers.yaml", sha256=digest, waivers=waivers)


def test_waivers_are_judged_with_and_told(run: Runner) -> None:
    run.repo.write(".gates/waivers.yaml", "version: 1\n")
    run.repo.commit()
    gates = (scripted("lint", "echo 4"), scripted("types"))
    done = run(*gates, waivers=waiver_file("lint", "types"))
    assert [gate.status for gate in done.gates] == [Status.WAIVED, Status.PASSED]
    assert done.verdict is Verdict.PASSED
    assert done.waivers is not None
    assert [waiver.gate for waiver in done.waivers.unmatched] == ["types"]
    assert done.notes[0].startswith("waiver unmatched: gate `types`, condition `errors`")
    late = run(scripted("lint", "echo 4"), waivers=waiver_file("lint", last=date(2020, 1, 1)))
    assert late.verdict is Verdict.FAILED
    assert "waiver expired" in late.notes[0]


def test_a_run_without_waivers_tells_of_none(run: Runner) -> None:
    done = run(scripted("lint"))
    assert (done.waivers, done.notes) == (None, ())


def test_waivers_that_nobody_can_review_are_told(run: Runner) -> None:
    run.repo.write(".gates/waivers.yaml", "version: 1\n")
    done = run(scripted("lint", "echo 4"), waivers=waiver_file("lint"))
    assert done.verdict is Verdict.PASSED
    assert "is not tracked by git" in done.notes[0]
    assert done.notes[0].endswith(": git add .gates/waivers.yaml")
    run.repo.write(".gitignore", ".gates/\n")
    (note,) = run(scripted("lint", "echo 4"), waivers=waiver_file("lint")).notes
    assert "is ignored by git, so nobody can review it: git add -f .gates/waivers.yaml" in note


def test_waivers_that_are_not_as_they_were_committed_are_told(run: Runner) -> None:
    def note() -> tuple[str, ...]:
        return run(scripted("lint", "echo 4"), waivers=waiver_file("lint")).notes

    run.repo.write(".gates/waivers.yaml", WAIVERS_TEXT)
    run.repo.git("add", "--intent-to-add", ".gates/waivers.yaml")
    assert note() == ("`.gates/waivers.yaml` is in no commit yet, so nobody has reviewed it",)
    run.repo.commit()
    assert note() == ()
    run.repo.write(".gates/waivers.yaml", "version: 1 # as it was reviewed\n")
    run.repo.commit()
    run.repo.write(".gates/waivers.yaml", WAIVERS_TEXT)
    told = "`.gates/waivers.yaml` differs from the committed one, and nobody has reviewed"
    assert note()[0].startswith(told)
    run.repo.git("add", ".gates/waivers.yaml")
    assert note()[0].startswith(told)


def test_other_line_ends_are_no_other_waivers(run: Runner) -> None:
    text = WAIVERS_TEXT.replace("\n", "\r\n")
    run.repo.write(".gates/waivers.yaml", text)
    run.repo.git("config", "core.autocrlf", "true")
    run.repo.commit()
    read = replace(waiver_file("lint"), sha256=hashlib.sha256(text.encode()).hexdigest())
    assert run(scripted("lint", "echo 4"), waivers=read).notes == ()


def test_a_changed_file_of_waivers_touches_every_gate(run: Runner) -> None:
    run.repo.write(".gates/waivers.yaml", "version: 1\n")
    choice = Selection(changed_from="HEAD")
    assert run(scripted("lint", uses="listed"), choice=choice).gates[0].status is Status.PASSED
    run.repo.commit()
    idle = run(scripted("lint", uses="listed"), choice=choice, waivers=waiver_file("lint"))
    assert idle.gates[0].status is Status.UNAFFECTED
    assert idle.waivers is not None
    assert idle.waivers.unmatched == ()
