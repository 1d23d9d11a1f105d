"""A pytest plugin that proves how far a run came; it runs inside the project's own pytest.

The pytest stage copies this file, `pytest_proof_tally.py` and `pytest_measuring.py`, under names
that nobody can guess, into a private folder, and names this one with `-p`. Beside it stands a JSON
file with the settings. Each process that runs tests (the main one, and each worker of pytest-xdist)
writes one record into the settings' folder: what was collected, what became of every test, how the
run ended, and at its very end the mark `end`. A run that was cut short leaves no record.

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
    from gates.toolkit.pytest_portion import Portion
    from gates.toolkit.pytest_proof_tally import Tally, cut, failure_of
else:  # the copy stands beside its tally under another name
    _tally = importlib.import_module(f"{__name__}_tally")
    Tally, cut, failure_of = _tally.Tally, _tally.cut, _tally.failure_of

FORMAT = 1
"""Version of the record."""

EARLY = "sitecustomize"
"""The name under which measuring began before pytest was imported."""

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
    if str(here.parent) in str(vars(sys.modules.get(EARLY, sys)).get("__file__")):
        del sys.modules[EARLY]
    folder = Path(settings["folder"])
    measuring = None
    if settings["measuring"]:
        module = importlib.import_module(settings["measuring"])
        measuring = vars(module).get("begun")
        if measuring is None:  # a worker of pytest-xdist, or an interpreter that skips `site`
            measuring = module.Measuring(folder / "data", settings["sources"])
            measuring.start()
    proof = Proof(settings["nonce"], folder, measuring, home=str(here.parent))
    if "portion" in settings:
        proof.portion = importlib.import_module(f"{__name__}_portion").Portion(*settings["portion"])
        pluginmanager.register(proof.portion, "gates-portion")
    pluginmanager.register(proof, "gates-proof")


def forget_folder(environ: MutableMapping[str, str], folder: str) -> None:
    """Take `folder` out of PYTHONPATH, so that the children of tests do not see it."""
    entries = environ.pop("PYTHONPATH", "").split(os.pathsep)
    kept = [entry for entry in entries if entry not in {"", folder}]
    if kept:
        environ["PYTHONPATH"] = os.pathsep.join(kept)


class Proof:
    """The plugin itself, one object for one run."""

    def __init__(
        self, nonce: str, folder: Path, measuring: Measuring | None, *, home: str = ""
    ) -> None:
        self.folder = folder
        self.measuring = measuring
        self.home = home
        self.portion: Portion | None = None
        self.tally = Tally()
        self.pid = os.getpid()
        self.rootdir = Path()
        self.worker = ""
        self.session: pytest.Session | None = None
        self.collected: set[str] = set()
        self.found: dict[int, pytest.Item] = {}  # while collecting; a plugin may rename items
        self.dropped: set[str] = set()
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
            line, message = failure_of(report.longrepr)
            self.collect_errors.append({"nodeid": report.nodeid, "line": line, "message": message})
        elif report.skipped:
            self.skipped_modules += 1

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Note what there is to run, ahead of whoever changes the list."""
        self.found[id(item)] = item

    def pytest_deselected(self, items: Iterable[pytest.Item]) -> None:
        """Count what an option took out."""
        taken = list(items)
        self.deselected += len(taken)
        for item in taken:
            self.found.pop(id(item), None)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note what is to run, and what was taken out untold."""
        self.collected.update(item.nodeid for item in session.items)
        for item in session.items:
            self.found.pop(id(item), None)
        names = {item.nodeid for item in self.found.values()}
        others = self.portion.others if self.portion is not None else set()
        self.dropped.update(names - self.collected - others)
        self.found.clear()

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtestloop(self) -> Generator[None, object, None]:
        """Note whether the loop over all tests came to its end, or what stopped it."""
        outcome = yield
        error = getattr(outcome, "excinfo", None)
        self.record["loop_ended"] = error is None
        if error is not None:
            self.record["stopped"] = cut(f"{error[0].__name__}: {error[1]}")

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, object, None]:
        """See a failure before a plugin can turn it into something else."""
        self.tally.saw_raise(item, call)
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
            "dropped": sorted(self.dropped)[:100],
            "skipped_modules": self.skipped_modules,
            "collect_errors": self.collect_errors,
            "tests": tally.counts(),
            "flaky": tally.flaky(),
            "words": sorted(tally.words),
            "problems": list(tally.problems.values()),
            "warnings": self.warnings,
            "workers": self.workers,
            "exit_last": int(self.session.exitstatus) if self.session is not None else None,
            "portion": self.portion.told(ran) if self.portion is not None else None,
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


def _worker_id(node: object) -> str:
    return str(getattr(getattr(node, "gateway", None), "id", ""))
