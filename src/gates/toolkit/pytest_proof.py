"""A pytest plugin that proves how far a run came; it runs inside the project's own pytest.

The pytest stage copies this file and `pytest_measuring.py`, under names that nobody can guess, into
a private folder, and names this one with `-p`. Beside it stands a JSON file with the settings. Each
process that runs tests (the main one, and each worker of pytest-xdist) writes one record into the
settings' folder: what was collected, what became of every test, how the run ended, and at its very
end the mark `end`. A run that was cut short leaves no record.

Needs pytest 7.4 and Python 3.9, and nothing of `gates`.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Generator, Iterable, Mapping, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from gates.toolkit.pytest_measuring import Measuring

FORMAT = 1
"""Version of the record."""

_MESSAGE_CHARACTERS = 1000
_RANKS = ("unknown", "passed", "xpassed", "xfailed", "skipped", "errors", "failed")
_RERUN = ("rerun", "retried")  # words of pytest-rerunfailures and of pytest-retry
_PARTIAL = {
    "collectonly": "--collect-only",
    "setuponly": "--setup-only",
    "lf": "--last-failed",
    "stepwise": "--stepwise",
}


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Start: pytest calls this as soon as it has loaded the plugin, before any other but `-p`'s."""
    del parser
    here = Path(__file__)
    settings = json.loads(here.with_suffix(".json").read_text(encoding="utf-8"))
    forget_folder(os.environ, str(here.parent))
    folder = Path(settings["folder"])
    measuring = None
    if settings["measuring"]:
        module = importlib.import_module(settings["measuring"])
        measuring = module.Measuring(folder / "data", settings["sources"])
        measuring.start()
    proof = Proof(settings["nonce"], folder, measuring, home=str(here.parent))
    pluginmanager.register(proof, "gates-proof")


def forget_folder(environ: MutableMapping[str, str], folder: str) -> None:
    """Take `folder` out of PYTHONPATH, so that the children of tests do not see it."""
    entries = environ.pop("PYTHONPATH", "").split(os.pathsep)
    kept = [entry for entry in entries if entry not in {"", folder}]
    if kept:
        environ["PYTHONPATH"] = os.pathsep.join(kept)


class Tally:
    """What became of each test, by node id: the worst of its reports decides."""

    def __init__(self) -> None:
        self.ranks: dict[str, int] = {}
        self.ended: set[str] = set()
        self.reran: set[str] = set()
        self.raised: set[str] = set()
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
        elif is_subtest or (word == "passed" and report.when != "call"):
            return
        elif word == "skipped":
            outcome = "xfailed" if is_expected else "skipped"
        else:
            outcome = "xpassed" if is_expected else "passed"
        rank = _RANKS.index(outcome)
        if rank <= self.ranks[report.nodeid]:
            return
        self.ranks[report.nodeid] = rank
        if outcome in ("failed", "errors", "xpassed"):
            self.problems[report.nodeid] = _problem(report, outcome, rootdir)

    def saw_raise(self, nodeid: str) -> None:
        """Take note that the test's own code raised, whatever it is then reported as."""
        self.raised.add(nodeid)

    def flaky(self) -> list[str]:
        """Tests that ran again after a failure, or that raised and were reported as passed."""
        passed = (_RANKS.index("passed"), _RANKS.index("xpassed"))
        hidden = {nodeid for nodeid in self.raised if self.ranks.get(nodeid) in passed}
        return sorted(self.reran | hidden)

    def counts(self) -> dict[str, int]:
        """Distinct tests by outcome; `unknown` ones never came to any."""
        numbers = [0] * len(_RANKS)
        for rank in self.ranks.values():
            numbers[rank] += 1
        return dict(zip(_RANKS, numbers))  # noqa: B905 - `strict` came with Python 3.10


class Proof:
    """The plugin itself, one object for one run."""

    def __init__(
        self, nonce: str, folder: Path, measuring: Measuring | None, *, home: str = ""
    ) -> None:
        self.folder = folder
        self.measuring = measuring
        self.home = home
        self.tally = Tally()
        self.pid = os.getpid()
        self.rootdir = Path()
        self.worker = ""
        self.session: pytest.Session | None = None
        self.collected: set[str] = set()
        self.collect_errors: list[dict[str, object]] = []
        self.workers: dict[str, str] = {}
        self.record: dict[str, object] = {
            "format": FORMAT,
            "nonce": nonce,
            "pytest": {"version": pytest.__version__, "file": pytest.__file__},
            "python": {"executable": sys.executable, "prefix": sys.prefix},
            "loop_ended": False,
            "stopped": "",
            "exit_first": None,
        }
        self.deselected = self.skipped_modules = self.warnings = 0

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_load_initial_conftests(
        self, early_config: pytest.Config
    ) -> Generator[None, object, None]:
        """Leave the import path before the project's own files come; xdist has copied it by now."""
        sys.path[:] = [entry for entry in sys.path if entry != self.home]
        if self.measuring is not None:
            self.measuring.take_over(early_config.known_args_namespace)
        yield

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Note whose process this is and which options keep it from running all."""
        self.rootdir = config.rootpath
        self.worker = str(getattr(config, "workerinput", {}).get("workerid", ""))
        self.record["rootdir"] = str(config.rootpath)
        self.record["partial"] = [
            flag for name, flag in _PARTIAL.items() if config.getoption(name, default=False)
        ]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note modules that cannot be collected, and those that skip themselves."""
        if report.failed:
            line, message = _crash(report.longrepr)
            self.collect_errors.append({"nodeid": report.nodeid, "line": line, "message": message})
        elif report.skipped:
            self.skipped_modules += 1

    def pytest_deselected(self, items: Iterable[pytest.Item]) -> None:
        """Count what an option took out."""
        self.deselected += len(list(items))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note what is to run."""
        self.collected.update(item.nodeid for item in session.items)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtestloop(self) -> Generator[None, object, None]:
        """Note whether the loop over all tests came to its end, or what stopped it."""
        outcome = yield
        error = getattr(outcome, "excinfo", None)
        self.record["loop_ended"] = error is None
        if error is not None:
            self.record["stopped"] = _cut(f"{error[0].__name__}: {error[1]}")

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, object, None]:
        """See a failure before a plugin can turn it into something else."""
        if call.when == "call" and call.excinfo is not None:
            self.tally.saw_raise(item.nodeid)
        yield

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take each report, those that xdist's workers sent included."""
        self.tally.add(report, self.rootdir)

    def pytest_warning_recorded(self) -> None:
        """Count warnings."""
        self.warnings += 1

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: object) -> None:
        """Note a worker of xdist that starts."""
        self.workers[_worker_id(node)] = "started"

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: object, ids: Iterable[str]) -> None:
        """Note what a worker is to run."""
        self.workers[_worker_id(node)] = "collected"
        self.collected.update(ids)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object, error: object) -> None:
        """Note how a worker went."""
        self.workers[_worker_id(node)] = "lost" if error else "ended"

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_sessionfinish(
        self, session: pytest.Session, exitstatus: int
    ) -> Generator[None, object, None]:
        """Note the first exit status; a worker writes its record before xdist lets it go."""
        self.session = session
        self.record["exit_first"] = int(exitstatus)
        yield
        if self.worker:
            self.write(f"worker-{self.worker}.json")

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Write the record; a process that a test forked off and that came here too is told."""
        if not self.worker:
            self.write("main.json" if os.getpid() == self.pid else f"forked-{os.getpid()}.json")

    def write(self, name: str) -> None:
        """Write the record, whole or not at all."""
        tally = self.tally
        ran = tally.ended | self.tally.reran
        record = {
            **self.record,
            "worker": self.worker,
            "collected": len(self.collected),
            "never_ran": len(self.collected - ran),
            "unfinished": sorted(tally.ranks.keys() - tally.ended)[:100],
            "deselected": self.deselected,
            "skipped_modules": self.skipped_modules,
            "collect_errors": self.collect_errors,
            "tests": tally.counts(),
            "flaky": tally.flaky(),
            "words": sorted(tally.words),
            "problems": list(tally.problems.values()),
            "warnings": self.warnings,
            "workers": self.workers,
            "exit_last": int(self.session.exitstatus) if self.session is not None else None,
            "coverage": self.measuring.end() if self.measuring is not None else None,
            "end": True,
        }
        write_whole(self.folder / name, record)


def write_whole(path: Path, record: Mapping[str, object]) -> None:
    """Write JSON to a temporary file beside `path`, and rename it."""
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    with temporary.open("w", encoding="utf-8", errors="backslashreplace") as file:
        json.dump(record, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)  # noqa: PTH105 - atomic, and says so


def _problem(report: pytest.TestReport, outcome: str, rootdir: Path) -> dict[str, object]:
    file, line, _ = report.location
    path = str(rootdir / file)
    message = str(getattr(report, "wasxfail", ""))
    number = line + 1 if line is not None else 0
    if outcome != "xpassed":
        _, message = _crash(report.longrepr)
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


def _crash(longrepr: object) -> tuple[int, str]:
    """The line and the first line of the message of a failure; 0 where the line is not known."""
    crash = getattr(longrepr, "reprcrash", None)
    if crash is not None:
        return int(crash.lineno), _cut(str(crash.message).strip().partition("\n")[0])
    lines = [line for line in str(longrepr).splitlines() if line.strip()]
    # What pytest shows of an exception ends with the exception, marked by an `E`.
    marked = [line[1:] for line in lines if line.startswith("E ")]
    return 0, _cut((marked or lines or [""])[-1].strip())


def _cut(text: str) -> str:
    return text[:_MESSAGE_CHARACTERS]


def _worker_id(node: object) -> str:
    return str(getattr(getattr(node, "gateway", None), "id", ""))
