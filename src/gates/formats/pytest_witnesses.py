"""Do pytest's exit status, its JUnit report and our proof tell the same? Nothing else is a result.

Each of them alone can be green without a run behind it: `os._exit(0)` in a test, `pytest.exit` with
status 0, `--collect-only` in the configuration, a conftest.py that rewrites the exit status, a
worker of pytest-xdist that died after its last test. Whoever contradicts another is errored.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.junit import JunitReport
from gates.formats.pytest_proof import PytestProof

FAILED = 1
INTERRUPTED = 2
REFUSED = 4
NO_TESTS = 5

_ENDED_EARLY = (
    "look for what ends the process or the session early: os._exit, pytest.exit, a plugin"
)
_REWRITTEN = "look for a conftest.py or plugin that sets `session.exitstatus` or ends the process"
_DESELECTED = "look for `-k`, `-m` and `--deselect` in `addopts` and in `args` of the gate"
_NOT_COLLECTED = (
    "see where pytest looks: `paths` of the gate, and `testpaths` and `python_files` of pytest's"
    " configuration; `pytest --collect-only` shows what it finds"
)
SKIPPED = "`pytest -rs` tells why each is skipped"
"""The next step where tests are there and none ran."""

_NOT_A_TEST = (
    "a plugin judged for itself, as pytest-cov does with `--cov-fail-under`; give that"
    " threshold to a gate of its own"
)


def refuse_unproven(exit_code: int, main: PytestProof, workers: Mapping[str, PytestProof]) -> None:
    """Refuse a run that did not come to its end, or that tells of itself in two ways.

    Args:
        exit_code: of the process.
        main: the record of the main process.
        workers: the records of xdist's workers, by id.

    Raises:
        StageError: with the first thing that is wrong.
    """
    if main.partial:
        flags = ", ".join(f"`{flag}`" for flag in main.partial)
        raise StageError("partial-run", f"{flags} keeps pytest from running every test")
    _refuse_uncollected(main, workers)
    _refuse_dropped(main, workers)
    if main.exit_first is None:
        hint = "look for an option such as `--help` or `--version` in the configuration"
        raise StageError("no-session", "pytest ended without starting a session", hint=hint)
    if not exit_code == main.exit_first == main.exit_last:
        raise StageError(
            "exit-status-rewritten",
            f"pytest's session ended with status {main.exit_first}, later it was"
            f" {main.exit_last}, and the process ended with {exit_code}",
            hint=_REWRITTEN,
        )
    _refuse_lost_worker(main, workers)
    if exit_code == NO_TESTS and not _has_no_file(main, workers):
        why, hint = _why_none(main, workers)
        raise StageError("no-tests", why, hint=hint)
    _refuse_cut_short(exit_code, main)
    if exit_code != NO_TESTS:
        _refuse_wrong_status(exit_code, main)


def _has_no_file(main: PytestProof, workers: Mapping[str, PytestProof]) -> bool:
    """Whether tests were collected, and all of them belong to other parts."""
    told = [each.portion for each in (main, *workers.values()) if each.portion is not None]
    return not main.collected and any(portion.listed for portion in told)


def refuse_contradiction(main: PytestProof, junit: JunitReport) -> None:
    """Refuse a JUnit report that tells otherwise than the proof.

    Two tests can share one name in JUnit, never in the proof: the report may hold fewer, not none.

    Raises:
        OutputUnreadable: it does.
    """
    tests, told = main.tests, junit.counts
    total = tests.executed + tests.not_run + tests.skipped + tests.unknown + main.skipped_modules
    skipped = tests.skipped + main.skipped_modules
    # JUnit calls a test skipped where a part of it was; the proof goes by the test's own report.
    parts = tests.subtests_skipped
    xfailed = 0 if parts else tests.xfailed
    for noun, stated, least, most in (
        ("failed", told.failed, tests.failed, tests.failed),
        ("errors", told.errors, tests.errors, tests.errors),
        ("skipped", told.skipped + told.not_run, skipped, skipped + parts),
        ("xfailed", told.xfailed, xfailed, tests.xfailed + tests.subtests_xfailed),
        ("tests", told.tests, 0, total),
        ("tests", total, 0, junit.records),
    ):
        if stated > most or (least and not stated):
            raise OutputUnreadable(
                "contradiction",
                f"the JUnit report and the completion proof differ on `{noun}`:"
                f" {stated} and {most if stated > most else least}",
                hint="look for a plugin or conftest.py that changes reports",
            )


def why_no_record(exit_code: int, output: str) -> StageError:
    """The reason why there is no run, from the exit status and what pytest wrote."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    last = lines[-1] if lines else ""
    named = next((line for line in lines if "while loading conftest" in line), "")
    errors = [line[1:].strip() for line in lines if line.startswith("E ")]
    if named:
        raised = f": {errors[-1]}" if errors else ""
        return StageError("collection-failed", f"{named.rstrip('.:')}{raised}")
    if exit_code in {0, FAILED}:
        summary = f"pytest ended early, with exit code {exit_code}: it left no completion proof"
        return StageError("ended-early", summary, hint=_ENDED_EARLY)
    what = {INTERRUPTED: "was interrupted", 3: "broke", REFUSED: "refused its arguments"}
    refused = [line for line in lines if "error: " in line.lower() and "usage: " not in line]
    told = refused[0] if refused else last
    return StageError(
        "tool-crashed",
        f"pytest {what.get(exit_code, 'ended')}, with exit code {exit_code}: {told}",
    )


def refuse_planted(main: PytestProof, root: Path, environment: Path) -> None:
    """Refuse a pytest or coverage package that the checkout brought along.

    Args:
        main: the record of the main process.
        root: the folder of gates.yaml.
        environment: the folder of the project's environment, which may lie in `root`.

    Raises:
        StageError: it lies in `root`, and not in an environment there.
    """
    is_within = environment != root and environment.is_relative_to(root)
    for file in (main.file, main.measured.file if main.measured else ""):
        is_inside = bool(file) and Path(file).resolve().is_relative_to(root.resolve())
        if is_inside and not (is_within and Path(file).is_relative_to(environment)):
            raise StageError(
                "planted-module",
                f"a module of the checkout stands in for `{Path(file).parent.name}`",
                place=file,
                hint="rename it, or install the real one in the project's environment",
            )


def refuse_foreign_root(main: PytestProof, top: Path) -> None:
    """Refuse a run that a configuration above the repository decided.

    pytest looks for its configuration upwards, and takes its folder for the root.

    Args:
        main: the record of the main process.
        top: the top of the repository, or the folder of gates.yaml outside one.

    Raises:
        StageError: pytest's root lies above `top`.
    """
    if main.rootdir and not Path(main.rootdir).resolve().is_relative_to(top.resolve()):
        raise StageError(
            "configuration-outside",
            "a configuration of pytest above the repository decided what ran",
            place=main.rootdir,
            hint="give the project a `[tool.pytest.ini_options]` of its own",
        )


def _refuse_uncollected(main: PytestProof, workers: Mapping[str, PytestProof]) -> None:
    errors = [error for record in (main, *workers.values()) for error in record.collect_errors]
    if errors:
        first = errors[0]
        modules = len({error.nodeid for error in errors})
        more = f" (and {modules - 1} more)" if modules > 1 else ""
        where = first.nodeid or "the session"
        raise StageError(
            "collection-failed",
            f"collection failed: {where}{more}: {first.message}",
            place=f"{first.nodeid}:{first.line}" if first.line else first.nodeid,
        )


def _refuse_dropped(main: PytestProof, workers: Mapping[str, PytestProof]) -> None:
    dropped = sorted({name for record in (main, *workers.values()) for name in record.dropped})
    if dropped:
        more = f" and {len(dropped) - 1} more" if len(dropped) > 1 else ""
        raise StageError(
            "collection-dropped",
            f"collected and then taken out without a word: {dropped[0]}{more}",
            place=dropped[0],
            hint="a conftest.py or plugin that takes tests out must call `pytest_deselected`",
        )


def _refuse_lost_worker(main: PytestProof, workers: Mapping[str, PytestProof]) -> None:
    """A lost worker; where it took a test with it, that test is an error already."""
    lost = [name for name, state in main.workers.items() if state != "ended" or name not in workers]
    if lost and not (main.tests.failed or main.tests.errors):
        raise StageError(
            "worker-lost",
            f"{len(lost)} of {len(main.workers)} xdist workers did not come to their end:"
            f" {', '.join(lost[:5])}",
            hint="run the tests without `-n` to see what ends them",
        )


def _refuse_cut_short(exit_code: int, main: PytestProof) -> None:
    has_failed = bool(main.tests.failed or main.tests.errors)
    if main.words:
        raise StageError("unknown-outcome", f"a test has the unknown outcome `{main.words[0]}`")
    if has_failed and exit_code in {FAILED, INTERRUPTED}:
        return
    if not main.loop_ended or exit_code == INTERRUPTED:
        why = f": {main.stopped}" if main.stopped else ""
        summary = f"the run was stopped before its last test{why}"
        raise StageError("run-cut-short", summary, hint=_ENDED_EARLY)
    open_tests = len(main.unfinished) + main.tests.unknown
    if main.never_ran or open_tests:
        example = f", such as {main.unfinished[0]}" if main.unfinished else ""
        raise StageError(
            "run-cut-short",
            f"{max(main.never_ran, open_tests)} of {main.collected} collected tests did not run to"
            f" their end{example}",
            hint=_ENDED_EARLY,
        )


def _refuse_wrong_status(exit_code: int, main: PytestProof) -> None:
    bad = main.tests.failed + main.tests.errors
    if (exit_code == 0) == (bad == 0):
        return
    count = f"{bad} tests" if bad else "no test"
    raise StageError(
        "contradiction",
        f"pytest ended with exit code {exit_code}, though {count} failed",
        hint=_REWRITTEN if bad else _NOT_A_TEST,
    )


def _why_none(main: PytestProof, workers: Mapping[str, PytestProof]) -> tuple[str, str]:
    """Why no test ran, and the next step."""
    records = (main, *workers.values())
    deselected = max(record.deselected for record in records)
    skipped = max(record.skipped_modules for record in records)
    if deselected:
        return f"no test ran: all {deselected} were deselected", _DESELECTED
    if skipped:
        return f"no test ran: {skipped} modules skip themselves whole", SKIPPED
    return "no test was collected", _NOT_COLLECTED
