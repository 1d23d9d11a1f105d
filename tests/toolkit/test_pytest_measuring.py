"""The measurement with a stand-in for coverage.py; live runs are tests of the coverage stage."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from gates.toolkit.pytest_measuring import Measuring


@dataclass
class FakeData:
    """What a measurement left."""

    file: Path
    measured: set[str] = field(default_factory=set)
    touched: list[str] = field(default_factory=list)

    def measured_files(self) -> set[str]:
        return self.measured

    def touch_files(self, names: list[str]) -> None:
        self.touched += names

    def data_filename(self) -> str:
        return str(self.file)


class FakeCoverage:
    """Records what it is told."""

    options: dict[str, object] = {}  # noqa: RUF012 - each test gives its own
    made: list[FakeCoverage] = []  # noqa: RUF012 - each test gives its own
    measured: set[str] = set()  # noqa: RUF012 - each test gives its own

    def __init__(self, **wishes: object) -> None:
        if wishes.get("source") == ["broken"]:
            raise RuntimeError("no such source")
        self.wishes = wishes
        self.calls: list[str] = []
        self.data = FakeData(Path(f"{wishes['data_file']}.x"), self.measured)
        self.made.append(self)

    def start(self) -> None:
        self.calls.append("start")

    def stop(self) -> None:
        self.calls.append("stop")

    def save(self) -> None:
        if "unsaved" in self.options:
            raise OSError("disk full")
        self.data.file.write_bytes(b"x")

    def get_data(self) -> FakeData:
        return self.data

    def get_option(self, name: str) -> object:
        return self.options.get(name)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> type[FakeCoverage]:
    class Fresh(FakeCoverage):
        options: dict[str, object] = {}  # noqa: RUF012 - made anew for each test
        made: list[FakeCoverage] = []  # noqa: RUF012 - made anew for each test
        measured: set[str] = {"/p/a.py"}  # noqa: RUF012 - made anew for each test

    module = SimpleNamespace(Coverage=Fresh, __file__="/env/coverage/__init__.py")
    monkeypatch.setitem(sys.modules, "coverage", module)
    monkeypatch.delenv("COVERAGE_FILE", raising=False)
    return Fresh


def test_sources_that_nothing_imported_get_into_the_data(
    fake: type[FakeCoverage], tmp_path: Path
) -> None:
    measuring = Measuring(tmp_path, ["/p/a.py", "/p/b.py"])
    measuring.start()
    measuring.take_over(SimpleNamespace(cov_source=[]))
    assert measuring.end() == {
        "problem": "",
        "file": "/env/coverage/__init__.py",
        "config": "",
        "data": "lines.x",
        "measured": 1,
    }
    (made,) = fake.made
    assert made.wishes == {"data_file": str(tmp_path / "lines"), "data_suffix": True}
    assert made.calls == ["start", "stop"]
    assert made.data.touched == ["/p/b.py"]
    assert "COVERAGE_FILE" not in os.environ


def test_a_process_that_measured_nothing_says_so(fake: type[FakeCoverage], tmp_path: Path) -> None:
    fake.measured = set()
    measuring = Measuring(tmp_path, ["/p/a.py"])
    measuring.start()
    assert measuring.end()["measured"] == 0
    assert fake.made[0].data.touched == []


def test_relative_files_stay_relative(
    fake: type[FakeCoverage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.options["run:relative_files"] = True
    monkeypatch.chdir(tmp_path)
    measuring = Measuring(tmp_path, [str(tmp_path / "src" / "b.py")])
    measuring.start()
    monkeypatch.chdir("/")  # tests may leave the folder
    measuring.end()
    assert fake.made[0].data.touched == ["src/b.py"]


def test_processes_of_multiprocessing_are_told_the_file(
    fake: type[FakeCoverage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COVERAGE_FILE", "elsewhere")  # restored after the test
    fake.options["run:concurrency"] = ["multiprocessing"]
    Measuring(tmp_path, []).start()
    assert os.environ["COVERAGE_FILE"] == str(tmp_path / "lines")


def test_the_wishes_of_pytest_cov_are_taken_over(fake: type[FakeCoverage], tmp_path: Path) -> None:
    measuring = Measuring(tmp_path, [])
    measuring.start()
    options = SimpleNamespace(cov_source=["src"], cov_branch=True, cov_config="my.cfg")
    measuring.take_over(options)
    assert options.cov_source == []
    first, second = fake.made
    assert first.calls == ["start", "stop"]
    assert second.calls == ["start"]
    assert second.wishes["source"] == ["src"]
    assert second.wishes["branch"] is True
    assert second.wishes["config_file"] == str(Path("my.cfg").absolute())
    assert measuring.end()["config"] == str(Path("my.cfg").absolute())


def test_a_bare_cov_changes_nothing(fake: type[FakeCoverage], tmp_path: Path) -> None:
    measuring = Measuring(tmp_path, [])
    measuring.start()
    options = SimpleNamespace(cov_source=[True], cov_branch=None, cov_config=".coveragerc")
    measuring.take_over(options)
    assert (options.cov_source, len(fake.made)) == ([], 1)


def test_what_goes_wrong_is_told(
    fake: type[FakeCoverage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measuring = Measuring(tmp_path, [])
    measuring.take_over(SimpleNamespace(cov_source=["broken"]))
    assert measuring.end()["problem"] == "RuntimeError: no such source"
    unsaved = Measuring(tmp_path, [])
    unsaved.start()
    fake.options["unsaved"] = True
    assert unsaved.end()["problem"] == "OSError: disk full"
    monkeypatch.setitem(sys.modules, "coverage", None)
    missing = Measuring(tmp_path, [])
    missing.start()
    assert str(missing.end()["problem"]).startswith("ModuleNotFoundError")


def test_a_file_that_was_not_written_is_none(fake: type[FakeCoverage], tmp_path: Path) -> None:
    measuring = Measuring(tmp_path, [])
    measuring.start()
    fake.made[0].save = lambda: None  # type: ignore[method-assign]
    assert measuring.end()["data"] is None
