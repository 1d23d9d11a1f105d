"""The records that the proof plugin writes from inside pytest, one for each of its processes.

Format 1 is written by `gates.toolkit.pytest_proof`; this is its only reader.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable
from gates.formats.strict_json import Value
from gates.formats.strict_json import read as read_json

FORMAT = 1

MAX_BYTES = 256 * 1024 * 1024
"""How large a record may be: a line for every test that did not pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseProblem:
    """A test that failed, had an error, or passed although it was expected to fail.

    Attributes:
        nodeid: pytest's own name of it.
        outcome: `failed`, `errors` or `xpassed`.
        phase: `setup`, `call`, `teardown`, or `???` where its worker died.
        path: absolute path of its file.
        line: where it failed, else where it begins; 0 where unknown.
        message: first line of the reason.
    """

    nodeid: str
    outcome: str
    phase: str
    path: str
    line: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectError:
    """A module that could not be collected."""

    nodeid: str
    line: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCounts:
    """Distinct tests by outcome; `unknown` ones began and came to none.

    `not_run` counts those of the `xfailed` that ended ahead of the test's own code (`run=False`, a
    set-up that fails); `subtests_skipped` and `subtests_xfailed` count tests of any outcome of
    which a subtest ended so.
    """

    passed: int
    failed: int
    errors: int
    skipped: int
    xfailed: int
    xpassed: int
    unknown: int
    not_run: int = 0
    subtests_skipped: int = 0
    subtests_xfailed: int = 0

    @property
    def executed(self) -> int:
        """Tests that ran to an outcome of their own."""
        xfailed = self.xfailed - self.not_run
        return self.passed + self.failed + self.errors + xfailed + self.xpassed


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the measurement of one process left.

    Attributes:
        problem: what kept it from measuring, or empty.
        file: where the coverage package was found, or empty.
        config: a configuration file that the command line named, or empty.
        data: name of its data file in the folder `data`, or empty.
        files: how many files it measured.
    """

    problem: str
    file: str
    config: str
    data: str
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """The part of the tests that a process was to run, among those that run on several machines.

    Attributes:
        index: which part, from 1.
        count: how many there are.
        listed: all tests that were collected, those of the other parts included.
        ran: those that ran here.
    """

    index: int
    count: int
    listed: tuple[str, ...]
    ran: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PytestProof:
    """One process's record, written at its very end.

    Attributes:
        worker: id of an xdist worker, empty for the main process.
        version: of pytest.
        file: where the pytest package was found.
        rootdir: pytest's own.
        partial: options that keep it from running every test to its end.
        loop_ended: whether the loop over the tests came to its end.
        stopped: what stopped that loop, or empty.
        exit_first: exit status before any plugin's last word; None without a session.
        exit_last: the same at the very end.
        collected: tests that were to run.
        never_ran: those of them that did not.
        unfinished: tests that began and did not end, the first hundred.
        deselected: tests that an option took out.
        dropped: tests that were taken out without a word, the first hundred.
        skipped_modules: modules that skipped themselves whole.
        collect_errors: modules that could not be collected.
        tests: what became of the others.
        flaky: tests that passed, but had failed before.
        words: outcomes that are not known.
        problems: tests to be told of.
        warnings: how many.
        workers: xdist workers with what became of them: `ended`, or anything else.
        measured: what its measurement left; None where none was asked for.
        portion: which part of the tests it was to run; None where it was to run all.
    """

    worker: str
    version: str
    file: str
    rootdir: str
    partial: tuple[str, ...]
    loop_ended: bool
    stopped: str
    exit_first: int | None
    exit_last: int | None
    collected: int
    never_ran: int
    unfinished: tuple[str, ...]
    deselected: int
    dropped: tuple[str, ...]
    skipped_modules: int
    collect_errors: tuple[CollectError, ...]
    tests: CaseCounts
    flaky: tuple[str, ...]
    words: tuple[str, ...]
    problems: tuple[CaseProblem, ...]
    warnings: int
    workers: Mapping[str, str]
    measured: Measured | None
    portion: Portion | None = None


def read(data: bytes, *, what: str, nonce: str | None) -> PytestProof:
    """Read a record.

    Args:
        data: the whole file.
        what: its name, for messages.
        nonce: what this run's record must repeat; None where that was checked before.

    Raises:
        OutputUnreadable: it is no whole record, or of another run.
    """
    top = read_json(data, what=what, max_bytes=MAX_BYTES)
    if top.member("format").integer() != FORMAT:
        raise top.member("format").unreadable("is not a known format")
    if nonce is not None and top.member("nonce").text() != nonce:
        raise OutputUnreadable("proof-foreign", "the record is of another run", place=what)
    if not top.member("end").flag():
        raise top.member("end").unreadable("says that the run did not end")
    return PytestProof(
        worker=top.member("worker").text(),
        version=top.member("pytest", "version").text(),
        file=top.member("pytest", "file").text(),
        rootdir=_text_or_empty(top, "rootdir"),
        partial=_texts(top, "partial"),
        loop_ended=top.member("loop_ended").flag(),
        stopped=top.member("stopped").text(),
        exit_first=_exit(top, "exit_first"),
        exit_last=_exit(top, "exit_last"),
        collected=top.member("collected").count(),
        never_ran=top.member("never_ran").count(),
        unfinished=_texts(top, "unfinished"),
        deselected=top.member("deselected").count(),
        dropped=_texts(top, "dropped"),
        skipped_modules=top.member("skipped_modules").count(),
        collect_errors=tuple(_collect_error(e) for e in top.member("collect_errors").items()),
        tests=_counts(top.member("tests")),
        flaky=_texts(top, "flaky"),
        words=_texts(top, "words"),
        problems=tuple(_problem(entry) for entry in top.member("problems").items()),
        warnings=top.member("warnings").count(),
        workers={name: state.text() for name, state in top.member("workers").entries()},
        measured=_measured(top),
        portion=_portion(top),
    )


def _exit(top: Value, name: str) -> int | None:
    found = top.find(name)
    return found.integer() if found is not None else None


def _text_or_empty(top: Value, name: str) -> str:
    found = top.find(name)
    return found.text() if found is not None else ""


def _texts(top: Value, name: str) -> tuple[str, ...]:
    found = top.find(name)
    return tuple(item.text() for item in found.items()) if found is not None else ()


def _counts(entry: Value) -> CaseCounts:
    return CaseCounts(
        passed=entry.member("passed").count(),
        failed=entry.member("failed").count(),
        errors=entry.member("errors").count(),
        skipped=entry.member("skipped").count(),
        xfailed=entry.member("xfailed").count(),
        xpassed=entry.member("xpassed").count(),
        unknown=entry.member("unknown").count(),
        not_run=entry.member("not_run").count(),
        subtests_skipped=entry.member("subtests_skipped").count(),
        subtests_xfailed=entry.member("subtests_xfailed").count(),
    )


def _collect_error(entry: Value) -> CollectError:
    return CollectError(
        nodeid=entry.member("nodeid").text(),
        line=entry.member("line").count(),
        message=entry.member("message").text(),
    )


def _problem(entry: Value) -> CaseProblem:
    return CaseProblem(
        nodeid=entry.member("nodeid").text(),
        outcome=entry.member("outcome").text(),
        phase=entry.member("phase").text(),
        path=entry.member("path").text(),
        line=entry.member("line").count(),
        message=entry.member("message").text(),
    )


def _portion(top: Value) -> Portion | None:
    entry = top.find("portion")
    if entry is None:
        return None
    return Portion(
        index=entry.member("index").count(),
        count=entry.member("count").count(),
        listed=_texts(entry, "listed"),
        ran=_texts(entry, "ran"),
    )


def _measured(top: Value) -> Measured | None:
    entry = top.find("coverage")
    if entry is None:
        return None
    return Measured(
        problem=entry.member("problem").text(),
        file=entry.member("file").text(),
        config=entry.member("config").text(),
        data=_text_or_empty(entry, "data"),
        files=entry.member("measured").count(),
    )
