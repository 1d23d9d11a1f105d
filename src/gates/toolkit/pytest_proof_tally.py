"""What became of each test, for the proof plugin; it runs inside the project's own pytest.

Needs pytest 7.4 and Python 3.9, and nothing of `gates`.
"""

from __future__ import annotations

from pathlib import Path
from unittest import SkipTest

import pytest

_MESSAGE_CHARACTERS = 1000
_RANKS = ("unknown", "passed", "xpassed", "xfailed", "skipped", "errors", "failed")
_RERUN = ("rerun", "retried")  # words of pytest-rerunfailures and of pytest-retry


class Tally:
    """What became of each test, by node id: the worst of its reports decides."""

    def __init__(self) -> None:
        self.ranks: dict[str, int] = {}
        self.ended: set[str] = set()
        self.reran: set[str] = set()
        self.raised: set[str] = set()
        self.broke: set[str] = set()
        self.not_run: set[str] = set()
        self.subtests: dict[str, set[str]] = {"ran": set(), "skipped": set(), "xfailed": set()}
        self.words: set[str] = set()
        self.problems: dict[str, dict[str, object]] = {}

    def add(self, report: pytest.TestReport, rootdir: Path) -> None:
        """Take a report of one phase of a test."""
        nodeid = report.nodeid
        self.ranks.setdefault(nodeid, 0)
        if report.when == "teardown" or report.when not in ("setup", "call"):
            self.ended.add(nodeid)
        word = str(report.outcome)
        if word in _RERUN:
            self.reran.add(nodeid)
        elif word in ("passed", "skipped", "failed"):
            self._settle(report, word, rootdir)
        else:
            self.words.add(word)

    def _settle(self, report: pytest.TestReport, word: str, rootdir: Path) -> None:
        is_subtest = hasattr(report, "context")  # the test's own report speaks of the rest of it
        is_expected = hasattr(report, "wasxfail")
        if word == "failed":
            outcome = "failed" if report.when == "call" else "errors"
        elif word == "skipped":
            outcome = "xfailed" if is_expected else "skipped"
            if is_subtest:
                self.subtests[outcome].add(report.nodeid)
                return
            if is_expected and report.when == "setup":
                self.not_run.add(report.nodeid)
        elif is_subtest:
            self.subtests["ran"].add(report.nodeid)
            return
        elif report.when != "call":
            return
        else:
            outcome = "xpassed" if is_expected else "passed"
        rank = _RANKS.index(outcome)
        if rank <= self.ranks[report.nodeid]:
            return
        self.ranks[report.nodeid] = rank
        if outcome in ("failed", "errors", "xpassed"):
            self.problems[report.nodeid] = _problem(report, outcome, rootdir)

    def saw_raise(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Take note of what a phase raised, whatever it is then reported as."""
        if call.when == "call":
            # A subtest that is skipped raises too; the test's own call comes last.
            (self.raised.discard if call.excinfo is None else self.raised.add)(item.nodeid)
        if call.excinfo is None:
            return
        told = (pytest.skip.Exception, pytest.xfail.Exception, SkipTest)
        is_expected = item.get_closest_marker("xfail") is not None
        if not (is_expected or issubclass(call.excinfo.type, told)):
            self.broke.add(item.nodeid)

    def flaky(self) -> list[str]:
        """Tests that ran again after a failure, or whose failure was reported as something else."""
        passed = (_RANKS.index("passed"), _RANKS.index("xpassed"))
        told = (_RANKS.index("failed"), _RANKS.index("errors"))
        hidden = {nodeid for nodeid in self.raised if self.ranks.get(nodeid) in passed}
        broken = {nodeid for nodeid in self.broke if self.ranks.get(nodeid, 0) not in (0, *told)}
        return sorted(self.reran | hidden | broken)

    def _without_a_part(self, nodeid: str) -> int:
        """The rank of a test that passed: none of its parts ran, if all were skipped."""
        for outcome in ("skipped", "xfailed"):
            if nodeid in self.subtests[outcome] and nodeid not in self.subtests["ran"]:
                return _RANKS.index(outcome)
        return _RANKS.index("passed")

    def counts(self) -> dict[str, int]:
        """Distinct tests by outcome; `unknown` ones never came to any.

        `not_run` are those of the expected failures that ended ahead of the test's own code, and
        `subtests_*` the tests of which a part was skipped or failed as expected.
        """
        numbers = [0] * len(_RANKS)
        for nodeid, rank in self.ranks.items():
            numbers[self._without_a_part(nodeid) if rank == _RANKS.index("passed") else rank] += 1
        counts = dict(zip(_RANKS, numbers))  # noqa: B905 - `strict` came with Python 3.10
        xfailed = _RANKS.index("xfailed")
        counts["not_run"] = sum(self.ranks[nodeid] == xfailed for nodeid in self.not_run)
        counts["subtests_skipped"] = len(self.subtests["skipped"])
        counts["subtests_xfailed"] = len(self.subtests["xfailed"])
        return counts


def _problem(report: pytest.TestReport, outcome: str, rootdir: Path) -> dict[str, object]:
    file, line, _ = report.location
    path = str(rootdir / file)
    message = str(getattr(report, "wasxfail", ""))
    number = line + 1 if line is not None else 0
    if outcome != "xpassed":
        _, message = failure_of(report.longrepr)
        crash = getattr(report.longrepr, "reprcrash", None)
        # The failing line helps most, where it is in the test's own file.
        if crash is not None and Path(crash.path).resolve() == Path(path).resolve():
            number = int(crash.lineno)
    return {
        "nodeid": report.nodeid,
        "outcome": outcome,
        "phase": str(report.when),
        "path": path,
        "line": number,
        "message": message,
    }


def failure_of(longrepr: object) -> tuple[int, str]:
    """The line and the first line of the message of a failure; 0 where the line is not known."""
    crash = getattr(longrepr, "reprcrash", None)
    if crash is not None:
        return int(crash.lineno), cut(str(crash.message).strip().partition("\n")[0])
    lines = [line for line in str(longrepr).splitlines() if line.strip()]
    # What pytest shows of an exception ends with the exception, marked by an `E`.
    marked = [line[1:] for line in lines if line.startswith("E ")]
    return 0, cut((marked or lines or [""])[-1].strip())


def cut(text: str) -> str:
    """As much of a foreign text as a record holds."""
    return text[:_MESSAGE_CHARACTERS]
