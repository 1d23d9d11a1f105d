"""Line and branch measurement for the proof plugin; it runs inside the project's own pytest.

Uses the project's coverage.py, found on its import path, with the project's own configuration.
Needs coverage 6.2 and Python 3.9, and nothing of `gates`.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coverage import Coverage


class Measuring:
    """Line and branch measurement by the project's own coverage.py and its own configuration.

    One mechanism for all runs: where the project asks pytest-cov to measure, its wishes are taken
    over and it stays out, so that every process saves its own data and nothing combines it early.
    """

    def __init__(self, folder: Path, sources: Iterable[str]) -> None:
        self.folder = folder
        self.sources = tuple(sources)
        self.origin = Path.cwd()
        self.config = ""
        self.problem = ""
        self.file = ""
        self._coverage: Coverage | None = None

    def start(self, **wishes: object) -> None:
        """Start measuring; where that fails, the record says so, and the tests run all the same."""
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

    def take_over(self, options: object) -> None:
        """Measure what pytest-cov was told to measure, in its place."""
        sources = getattr(options, "cov_source", None)
        if not sources:
            return
        options.cov_source = []  # type: ignore[attr-defined]
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
        if wishes:
            if self._coverage is not None:
                self._coverage.stop()
                self._coverage = None
            self.start(**wishes)

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
