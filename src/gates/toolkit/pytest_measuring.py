"""Line and branch measurement for the proof plugin; it runs inside the project's own pytest.

Uses the project's coverage.py, found on its import path, with the project's own configuration.
Needs coverage 6.2 and Python 3.9, and nothing of `gates`.
"""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coverage import Coverage, CoverageData

_CONFIGS = ("pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
_COV_CONFIG = re.compile(r"""--cov-config[=\s"',]+([^\s"',\]]+)""")


class Measuring:
    """Line and branch measurement by the project's own coverage.py and its own configuration.

    One mechanism for all runs: where the project asks pytest-cov to measure, its wishes are taken
    over and it stays out, so that every process saves its own data and nothing combines it early.

    What it will ask for is not known before pytest has read its options, and data with branches
    and data without them cannot be combined. So the wishes are guessed first; where the guess was
    wrong, measuring starts anew, and what was measured until then is a data file of its own.
    """

    def __init__(self, folder: Path, sources: Iterable[str]) -> None:
        self.folder = folder
        self.sources = tuple(sources)
        self.origin = Path.cwd()
        self.config = ""
        self.problem = ""
        self.file = ""
        self.wishes: dict[str, object] = {}
        self._coverage: Coverage | None = None

    def start(self) -> None:
        """Start measuring as the options that are in sight ask for it."""
        self._start(guessed(self.origin))

    def _start(self, wishes: dict[str, object]) -> Coverage | None:
        """Start; where that fails, the record says so, and the tests run all the same."""
        self.wishes = wishes
        self.problem = ""
        try:
            import coverage

            self.file = coverage.__file__
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                made: Coverage = coverage.Coverage(
                    data_file=str(self.folder / "lines"),
                    data_suffix=True,
                    **wishes,  # type: ignore[arg-type]
                )
                made.start()
            concurrency = made.get_option("run:concurrency")
            if isinstance(concurrency, list) and "multiprocessing" in concurrency:
                # Its children read the configuration themselves, so they must be told the file.
                os.environ["COVERAGE_FILE"] = str(self.folder / "lines")
            self._coverage = made
        except Exception as error:  # noqa: BLE001 - any defect of another package is told
            self.problem = f"{type(error).__name__}: {error}"
        return self._coverage

    def take_over(self, options: object) -> None:
        """Measure what pytest-cov was told to measure, in its place."""
        sources = getattr(options, "cov_source", None)
        wishes: dict[str, object] = {}
        if sources:
            options.cov_source = []  # type: ignore[attr-defined]
            wishes = self._wished(options, sources)
        if wishes == self.wishes:
            return
        early, self._coverage = self._coverage, None
        if early is not None:
            early.stop()
        later = self._start(wishes)
        if early is not None and later is not None:
            try:
                self._keep(early, later)
            except Exception as error:  # noqa: BLE001 - any defect of another package is told
                self.problem = f"{type(error).__name__}: {error}"

    def _wished(self, options: object, sources: list[object]) -> dict[str, object]:
        """What the options of pytest-cov ask of coverage.py."""
        wishes: dict[str, object] = {}
        named = [source for source in sources if source is not True]
        if named and len(named) == len(sources):
            wishes["source"] = named
        if getattr(options, "cov_branch", None):
            wishes["branch"] = True
        config = getattr(options, "cov_config", ".coveragerc")
        if config != ".coveragerc":
            self.config = str(Path(config).absolute())
            wishes["config_file"] = self.config
        return wishes

    def _keep(self, early: Coverage, later: Coverage) -> None:
        """Save what was measured before, in a form that can be combined with what follows."""
        if early.get_option("run:relative_files") != later.get_option("run:relative_files"):
            return
        has_branches, wanted = (bool(of.get_option("run:branch")) for of in (early, later))
        if wanted and not has_branches:
            return  # lines alone do not tell which branches were taken
        data = early.get_data()  # this writes the file
        if has_branches == wanted:
            early.save()
            return
        if data.measured_files():
            self._save_lines(data)
        data.erase()

    def _save_lines(self, data: CoverageData) -> None:
        from coverage import CoverageData

        names = sorted(data.measured_files())
        lines = CoverageData(basename=str(self.folder / "lines"), suffix=True)
        lines.add_lines({name: data.lines(name) or [] for name in names})
        tracers = {name: data.file_tracer(name) or "" for name in names}
        lines.add_file_tracers({name: tracer for name, tracer in tracers.items() if tracer})
        lines.write()

    def end(self) -> dict[str, object]:
        """Stop, save, and tell what there is."""
        record: dict[str, object] = {
            "problem": self.problem,
            "file": self.file,
            "config": self.config,
            "data": None,
            "measured": 0,
        }
        if self._coverage is None:
            return record
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._save(self._coverage, record)
        except Exception as error:  # noqa: BLE001 - any defect of another package is told
            record["problem"] = f"{type(error).__name__}: {error}"
        return record

    def _save(self, made: Coverage, record: dict[str, object]) -> None:
        made.stop()
        data = made.get_data()
        known = data.measured_files()
        record["measured"] = len(known)
        if known:
            # A source that nothing imported gets into the data too, and so into every report.
            is_relative = bool(made.get_option("run:relative_files"))
            origin = self.origin
            wanted = [os.path.relpath(s, origin) if is_relative else s for s in self.sources]
            data.touch_files([path for path in wanted if path not in known])
        made.save()
        file = Path(data.data_filename())
        if file.exists():
            record["data"] = file.name


def guessed(folder: Path) -> dict[str, object]:
    """What pytest-cov will probably be told of branches and of a configuration.

    Looked for in the command and, as text, in the files that may hold `addopts`, from `folder` up
    to the repository's top. A wrong guess costs time and no truth.
    """
    texts = [" ".join(getattr(sys, "orig_argv", sys.argv)), os.environ.get("PYTEST_ADDOPTS", "")]
    for above in (folder, *folder.parents):
        for name in _CONFIGS:
            try:
                texts.append((above / name).read_text(encoding="utf-8", errors="replace"))
            except OSError:
                continue
        if (above / ".git").exists():
            break
    wishes: dict[str, object] = {}
    if any("--cov-branch" in text for text in texts):
        wishes["branch"] = True
    named = (folder / found[1] for text in texts if (found := _COV_CONFIG.search(text)))
    config = next((path for path in named if path.is_file()), None)
    if config is not None:
        wishes["config_file"] = str(config)
    return wishes
