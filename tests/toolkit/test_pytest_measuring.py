"""The measurement with a stand-in for coverage.py; live runs are tests of the coverage stage."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from gates.toolkit.pytest_measuring import Measuring, guessed


@dataclass
class FakeData:
    """What a measurement left."""

    file: Path
    measured: set[str] = field(default_factory=set)
    touched: list[str] = field(default_factory=list)

    def measured_files(self) -> set[str]:
        return self.measured

    def lines(self, name: str) -> list[int] | None:
        return {"/p/a.py": [1, 2]}.get(name)

    def file_tracer(self, name: str) -> str | None:
        return {"/p/a.py": "", "/p/t.html": "templates"}.get(name)

    def erase(self) -> None:
        self.file.unlink()

    def touch_files(self, names: list[str]) -> None:
        self.touched += names

    def data_filename(self) -> str:
        return str(self.file)


class FakeCoverage:
    """Records what it is told."""

    options: dict[str, object] = {}  # noqa: RUF012 - each test gives its own
    made: list[FakeCoverage] = []  # noqa: RUF012 - each test gives its own
    converted: list[FakeCoverageData] = []  # noqa: RUF012 - each test gives its own
    measured: set[str] = set()  # noqa: RUF012 - each test gives its own

    def __init__(self, **wishes: object) -> None:
        if wishes.get("source") == ["broken"]:
            raise RuntimeError("no such source")
        self.wishes = wishes
        self.own = {"run:branch": wishes["branch"]} if "branch" in wishes else {}
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
        self.calls.append("save")
        self.data.file.write_bytes(b"x")

    def get_data(self) -> FakeData:
        self.data.file.write_bytes(b"")
        return self.data

    def get_option(self, name: str) -> object:
        return self.own.get(name, self.options.get(name))


class FakeCoverageData:
    """A data file that is written by hand."""

    made: list[FakeCoverageData] = []  # noqa: RUF012 - each test gives its own

    def __init__(self, *, basename: str, suffix: bool) -> None:
        assert suffix
        self.file = Path(f"{basename}.converted")
        self.held: list[object] = []
        self.made.append(self)

    def add_lines(self, lines: object) -> None:
        self.held.append(lines)

    def add_file_tracers(self, tracers: object) -> None:
        self.held.append(tracers)

    def write(self) -> None:
        self.file.write_bytes(b"x")


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> type[FakeCoverage]:
    class Fresh(FakeCoverage):
        options: dict[str, object] = {}  # noqa: RUF012 - made anew for each test
        made: list[FakeCoverage] = []  # noqa: RUF012 - made anew for each test
        measured: set[str] = {"/p/a.py"}  # noqa: RUF012 - made anew for each test

    class FreshData(FakeCoverageData):
        made: list[FakeCoverageData] = []  # noqa: RUF012 - made anew for each test

    Fresh.converted = FreshData.made
    module = SimpleNamespace(
        Coverage=Fresh, CoverageData=FreshData, __file__="/env/coverage/__init__.py"
    )
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "orig_argv", ["python", "-m", "pytest"], raising=False)
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
    assert made.calls == ["start", "stop", "save"]
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
    (tmp_path / "my.cfg").touch()
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


COV = SimpleNamespace


def taken_over(tmp_path: Path, *, branch: bool | None) -> Measuring:
    measuring = Measuring(tmp_path, [])
    measuring.start()
    options = COV(cov_source=["src"], cov_branch=branch, cov_config=".coveragerc")
    measuring.take_over(options)
    return measuring


@pytest.mark.parametrize("branch", [True, None])
def test_what_was_measured_before_the_wishes_were_known_is_kept(
    fake: type[FakeCoverage], tmp_path: Path, *, branch: bool | None
) -> None:
    (tmp_path / "tox.ini").write_text("addopts = --cov=src --cov-branch" if branch else "")
    assert taken_over(tmp_path, branch=branch).problem == ""
    early, later = fake.made
    assert early.calls == ["start", "stop", "save"]
    assert later.wishes.get("branch") == early.wishes.get("branch") == branch
    assert fake.converted == []


def test_branches_that_nobody_asked_for_are_kept_as_lines(
    fake: type[FakeCoverage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "--cov-branch")
    fake.measured = {"/p/a.py", "/p/t.html"}
    assert taken_over(tmp_path, branch=None).problem == ""
    early, _ = fake.made
    (lines,) = fake.converted
    assert early.wishes["branch"] is True
    assert lines.held == [{"/p/a.py": [1, 2], "/p/t.html": []}, {"/p/t.html": "templates"}]
    assert sorted(path.name for path in tmp_path.glob("lines*")) == ["lines.converted"]
    fake.measured = set()
    taken_over(tmp_path, branch=None)
    assert len(fake.converted) == 1


def test_a_guess_without_pytest_cov_is_taken_back(fake: type[FakeCoverage], tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text("# never --cov-branch")
    measuring = Measuring(tmp_path, [])
    measuring.start()
    measuring.take_over(COV())
    assert [made.wishes.get("branch") for made in fake.made] == [True, None]


@pytest.mark.parametrize("differs", ["branch", "relative_files"])
def test_what_cannot_be_combined_is_left_out(
    fake: type[FakeCoverage], tmp_path: Path, differs: str
) -> None:
    def of(self: FakeCoverage, name: str) -> object:
        return name == f"run:{differs}" and "source" in self.wishes

    fake.get_option = of  # type: ignore[method-assign]
    assert taken_over(tmp_path, branch=None).problem == ""
    assert fake.made[0].calls == ["start", "stop"]
    assert list(tmp_path.glob("lines*")) == []


def test_what_cannot_be_kept_is_told(fake: type[FakeCoverage], tmp_path: Path) -> None:
    fake.options["unsaved"] = True
    assert taken_over(tmp_path, branch=None).problem == "OSError: disk full"


def test_wishes_are_guessed_from_what_may_hold_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = tmp_path / "top" / "service"
    inner.mkdir(parents=True)
    (tmp_path / "pytest.ini").write_text("addopts = --cov-branch")
    (tmp_path / "top" / ".git").mkdir()
    monkeypatch.setattr(sys, "orig_argv", ["pytest", "--cov-config", "own.cfg"], raising=False)
    assert guessed(inner) == {}
    (inner / "own.cfg").touch()
    assert guessed(inner) == {"config_file": str(inner / "own.cfg")}
    monkeypatch.setattr(sys, "orig_argv", ["pytest"], raising=False)
    (inner / "other.cfg").touch()
    (tmp_path / "top" / "pyproject.toml").write_text(
        'addopts = ["--cov-branch", "--cov-config=other.cfg"]'
    )
    assert guessed(inner) == {"branch": True, "config_file": str(inner / "other.cfg")}


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
    fake.made[0].get_data = lambda: fake.made[0].data  # type: ignore[method-assign]
    assert measuring.end()["data"] is None
