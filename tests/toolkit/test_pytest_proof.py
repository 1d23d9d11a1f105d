"""The proof plugin, driven through pytest in this process; live runs are tests of the stage."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from gates.formats import pytest_proof as reader
from gates.formats.pytest_proof import PytestProof
from gates.toolkit import pytest_proof
from gates.toolkit.pytest_proof import Proof, forget_folder, write_whole
from gates.toolkit.pytest_proof_tally import Tally

pytest_plugins = ["pytester"]

ALL = """
import pytest
def test_pass(): pass
def test_fail(): assert 1 == 2
@pytest.fixture
def broken(): raise RuntimeError("no set-up")
def test_error(broken): pass
@pytest.mark.skip
def test_skip(): pass
@pytest.mark.xfail(strict=False)
def test_xfail(): assert False
@pytest.mark.xfail(strict=False, reason="some day")
def test_xpass(): pass
def test_subs(subtests):
    with subtests.test(): assert False
    with subtests.test(): pass
    with subtests.test(): pytest.skip("no")
"""


def read(folder: Path, name: str = "main.json") -> PytestProof:
    return reader.read((folder / name).read_bytes(), what=name, nonce="n")


def run(pytester: pytest.Pytester, folder: Path, *arguments: str) -> PytestProof:
    folder.mkdir()
    pytester.inline_run(
        "-p", "no:cacheprovider", *arguments, plugins=[Proof("n", folder, None, home="/nowhere")]
    )
    return read(folder)


def test_each_outcome_is_counted(pytester: pytest.Pytester, tmp_path: Path) -> None:
    pytester.makepyfile(test_all=ALL)
    proof = run(pytester, tmp_path / "proof")
    assert proof.tests == reader.CaseCounts(
        passed=1, failed=2, errors=1, skipped=1, xfailed=1, xpassed=1, unknown=0, subtests_skipped=1
    )
    assert (proof.collected, proof.never_ran, proof.unfinished) == (7, 0, ())
    assert (proof.exit_first, proof.exit_last, proof.loop_ended) == (1, 1, True)
    assert (proof.version, proof.file) == (pytest.__version__, pytest.__file__)
    messages = {problem.nodeid.partition("::")[2]: problem for problem in proof.problems}
    assert messages["test_fail"].message == "assert 1 == 2"
    assert messages["test_fail"].line == 3
    assert messages["test_error"].outcome == "errors"
    assert messages["test_xpass"].message == "some day"
    assert messages["test_fail"].path == str(pytester.path / "test_all.py")


def test_what_is_not_collected_is_told(pytester: pytest.Pytester, tmp_path: Path) -> None:
    pytester.makepyfile(
        test_a="import nothing_there",
        test_b="import pytest\npytest.skip('no', allow_module_level=True)",
        test_c="def test_c(): pass\ndef test_d(): pass",
    )
    proof = run(pytester, tmp_path / "proof", "-k", "not test_d", "--continue-on-collection-errors")
    assert [error.nodeid for error in proof.collect_errors] == ["test_a.py"]
    assert "nothing_there" in proof.collect_errors[0].message
    assert (proof.skipped_modules, proof.deselected) == (1, 1)


def test_what_stops_the_run_is_told(pytester: pytest.Pytester, tmp_path: Path) -> None:
    pytester.makepyfile("import pytest\ndef test_a(): pytest.exit('enough', 0)\ndef test_b(): pass")
    proof = run(pytester, tmp_path / "proof")
    assert (proof.loop_ended, proof.stopped) == (False, "Exit: enough")
    assert proof.never_ran == 2
    assert proof.unfinished == ("test_what_stops_the_run_is_told.py::test_a",)


def test_options_that_run_a_part_are_told(pytester: pytest.Pytester, tmp_path: Path) -> None:
    pytester.makepyfile("def test_a(): pass")
    assert run(pytester, tmp_path / "proof", "--collect-only").partial == ("--collect-only",)


def test_a_failure_reported_as_passed_is_flaky(pytester: pytest.Pytester, tmp_path: Path) -> None:
    pytester.makeconftest(
        "import pytest\n@pytest.hookimpl(wrapper=True)\n"
        "def pytest_runtest_makereport(item, call):\n"
        "    report = yield\n    report.outcome = 'passed'\n    return report\n"
    )
    pytester.makepyfile("def test_a(): assert 0\ndef test_b(): pass")
    proof = run(pytester, tmp_path / "proof")
    assert [name.partition("::")[2] for name in proof.flaky] == ["test_a"]


@pytest.mark.parametrize("phase", ["call", "setup"])
def test_a_failure_reported_as_skipped_is_flaky(
    pytester: pytest.Pytester, tmp_path: Path, phase: str
) -> None:
    pytester.makeconftest(
        "import pytest\n@pytest.hookimpl(wrapper=True)\n"
        "def pytest_runtest_makereport(item, call):\n"
        "    report = yield\n"
        f"    if report.failed and report.when == '{phase}':\n"
        "        report.outcome, report.longrepr = 'skipped', ('a', 1, 'x')\n"
        "    return report\n"
    )
    pytester.makepyfile(
        "import pytest\n@pytest.fixture\ndef broken(): assert 0\n"
        f"def test_a({'broken' if phase == 'setup' else ''}): assert 0\n"
        "def test_b(): pytest.skip('no')\n"
        "@pytest.mark.xfail\ndef test_c(): assert 0\n"
    )
    proof = run(pytester, tmp_path / "proof")
    assert [name.partition("::")[2] for name in proof.flaky] == ["test_a"]


def test_a_skip_reported_as_passed_is_flaky(pytester: pytest.Pytester, tmp_path: Path) -> None:
    pytester.makeconftest(
        "import pytest\n@pytest.hookimpl(wrapper=True)\n"
        "def pytest_runtest_makereport(item, call):\n"
        "    report = yield\n    report.outcome = 'passed'\n    return report\n"
    )
    pytester.makepyfile("import pytest\ndef test_a(): pytest.skip('no')")
    assert len(run(pytester, tmp_path / "proof").flaky) == 1


DROPS = """
def pytest_collection_modifyitems(config, items):
    taken = [item for item in items if item.name == "test_a"]
    {told}
    items[:] = [item for item in reversed(items) if item not in taken]
    for item in items:
        item._nodeid += "_renamed"
"""


@pytest.mark.parametrize(
    ("told", "dropped"),
    [
        ("pass", ("test_a",)),
        ("config.hook.pytest_deselected(items=taken)", ()),
        ("taken.clear()", ()),
    ],
)
def test_a_test_that_is_taken_out_untold_is_told(
    pytester: pytest.Pytester, tmp_path: Path, told: str, dropped: tuple[str, ...]
) -> None:
    pytester.makeconftest(DROPS.format(told=told))
    pytester.makepyfile("def test_a(): pass\ndef test_b(): pass")
    proof = run(pytester, tmp_path / "proof")
    assert tuple(name.partition("::")[2] for name in proof.dropped) == dropped


def test_an_expected_failure_ahead_of_the_test_did_not_run(
    pytester: pytest.Pytester, tmp_path: Path
) -> None:
    pytester.makepyfile(
        "import pytest\n@pytest.mark.xfail(run=False)\ndef test_a(): pass\n"
        "@pytest.fixture\ndef missing(): pytest.xfail('no')\ndef test_b(missing): pass\n"
        "def test_c(): pytest.xfail('no')\n"
    )
    tests = run(pytester, tmp_path / "proof").tests
    assert (tests.xfailed, tests.not_run, tests.executed) == (3, 2, 1)


SUBTESTS = """
import pytest, unittest
def parts(subtests, *ends):
    for end in ends:
        with subtests.test():
            end and end("no")
def test_skip(subtests): parts(subtests, None, pytest.skip)
def test_xfail(subtests): parts(subtests, pytest.xfail, None)
def test_all_skip(subtests): parts(subtests, pytest.skip, pytest.skip)
def test_all_xfail(subtests): parts(subtests, pytest.xfail)
class Old(unittest.TestCase):
    def test_skip(self):
        for number in range(2):
            with self.subTest(number=number):
                number or self.skipTest("no")
"""


def test_subtests_may_be_skipped_or_fail_as_expected(
    pytester: pytest.Pytester, tmp_path: Path
) -> None:
    pytester.makepyfile(SUBTESTS)
    proof = run(pytester, tmp_path / "proof")
    assert proof.flaky == ()
    assert proof.tests == reader.CaseCounts(
        passed=3, failed=0, errors=0, skipped=1, xfailed=1, xpassed=0, unknown=0,
        subtests_skipped=3, subtests_xfailed=2,
    )  # fmt: skip


def test_warnings_are_counted(pytester: pytest.Pytester, tmp_path: Path) -> None:
    pytester.makepyfile("import warnings\ndef test_a(): warnings.warn('x')")
    assert run(pytester, tmp_path / "proof", "-W", "default").warnings == 1


def report(when: str, outcome: str, **more: object) -> pytest.TestReport:
    made = pytest.TestReport(
        nodeid="a.py::t",
        location=("a.py", None, "t"),
        keywords={},
        outcome="passed",
        longrepr=None,
        when="call",
    )
    vars(made).update(when=when, outcome=outcome, **more)
    return made


def test_reruns_and_unknown_words_are_told() -> None:
    tally = Tally()
    for each in (
        report("setup", "passed"),
        report("call", "rerun"),
        report("teardown", "passed"),
        report("setup", "passed"),
        report("call", "passed"),
        report("call", "odd"),
    ):
        tally.add(each, Path("/p"))
    assert tally.flaky() == ["a.py::t"]
    assert tally.words == {"odd"}
    assert tally.counts()["passed"] == 1


def test_a_worker_that_died_is_an_error_of_its_test() -> None:
    tally = Tally()
    tally.add(report("???", "failed", longrepr="worker 'gw0' crashed"), Path("/p"))
    assert tally.counts()["errors"] == 1
    assert tally.ended == {"a.py::t"}
    problem = tally.problems["a.py::t"]
    assert (problem["message"], problem["line"]) == ("worker 'gw0' crashed", 0)


def node(name: str) -> object:
    return SimpleNamespace(gateway=SimpleNamespace(id=name))


def test_workers_are_followed(tmp_path: Path) -> None:
    proof = Proof("n", tmp_path, None)
    for name in ("gw0", "gw1", "gw2"):
        proof.pytest_configure_node(node(name))
    proof.pytest_xdist_node_collection_finished(node("gw0"), ["a", "b"])
    proof.pytest_testnodedown(node("gw0"), None)
    proof.pytest_testnodedown(node("gw1"), "gone")
    assert proof.workers == {"gw0": "ended", "gw1": "lost", "gw2": "started"}
    proof.pytest_unconfigure()
    assert read(tmp_path).collected == 2


def test_a_worker_writes_before_its_session_ends(tmp_path: Path) -> None:
    proof = Proof("n", tmp_path, None)
    config = SimpleNamespace(
        rootpath=tmp_path, workerinput={"workerid": "gw3"}, getoption=lambda *_, **__: False
    )
    proof.pytest_configure(config)  # type: ignore[arg-type]
    session = SimpleNamespace(exitstatus=0)
    for _ in proof.pytest_sessionfinish(session, 0):  # type: ignore[arg-type]
        assert list(tmp_path.iterdir()) == []
    proof.pytest_unconfigure()
    assert [path.name for path in tmp_path.iterdir()] == ["worker-gw3.json"]
    assert read(tmp_path, "worker-gw3.json").worker == "gw3"


def test_a_forked_process_writes_elsewhere(tmp_path: Path) -> None:
    proof = Proof("n", tmp_path, None)
    proof.pid = -1
    proof.pytest_unconfigure()
    assert [path.name for path in tmp_path.iterdir()] == [f"forked-{os.getpid()}.json"]


def test_the_folder_is_forgotten() -> None:
    environ = {"PYTHONPATH": os.pathsep.join(("/a", "/private", "", "/b"))}
    forget_folder(environ, "/private")
    assert environ == {"PYTHONPATH": os.pathsep.join(("/a", "/b"))}
    alone = {"PYTHONPATH": "/private"}
    forget_folder(alone, "/private")
    assert alone == {}


class FakeMeasuring:
    """Stands in for the measurement."""

    def __init__(self, folder: Path, sources: list[str]) -> None:
        self.told: list[object] = [folder, sources]

    def start(self) -> None:
        self.told.append("start")

    def take_over(self, options: object) -> None:
        self.told.append(options)


@pytest.mark.parametrize("measures", [False, True])
def test_it_starts_with_the_settings_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, measures: bool
) -> None:
    settings = {
        "nonce": "n",
        "folder": str(tmp_path),
        "measuring": "fake_measuring" if measures else "",
        "sources": ["a.py"],
    }
    (tmp_path / "copy.json").write_text(json.dumps(settings))
    monkeypatch.setattr(pytest_proof, "__file__", str(tmp_path / "copy.py"))
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    module = SimpleNamespace(Measuring=FakeMeasuring)
    monkeypatch.setitem(sys.modules, "fake_measuring", module)
    registered: list[Proof] = []
    manager = SimpleNamespace(register=lambda plugin, _: registered.append(plugin))
    pytest_proof.pytest_addoption(None, manager)  # type: ignore[arg-type]
    assert "PYTHONPATH" not in os.environ
    (proof,) = registered
    early = SimpleNamespace(known_args_namespace="options")
    for _ in proof.pytest_load_initial_conftests(early):  # type: ignore[arg-type]
        assert str(tmp_path) not in sys.path
    if measures:
        told: object = vars(proof.measuring)["told"]
        assert told == [tmp_path / "data", ["a.py"], "start", "options"]
    else:
        assert proof.measuring is None


def test_what_began_before_pytest_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"nonce": "n", "folder": str(tmp_path), "measuring": "fake_m", "sources": []}
    (tmp_path / "copy.json").write_text(json.dumps(settings))
    monkeypatch.setattr(pytest_proof, "__file__", str(tmp_path / "copy.py"))
    begun = FakeMeasuring(tmp_path, [])
    monkeypatch.setitem(sys.modules, "fake_m", SimpleNamespace(begun=begun))
    early = SimpleNamespace(__file__=str(tmp_path / "sitecustomize.py"))
    monkeypatch.setitem(sys.modules, "sitecustomize", early)
    registered: list[Proof] = []
    manager = SimpleNamespace(register=lambda plugin, _: registered.append(plugin))
    pytest_proof.pytest_addoption(None, manager)  # type: ignore[arg-type]
    assert vars(registered[0])["measuring"] is begun
    assert begun.told == [tmp_path, []]
    assert "sitecustomize" not in sys.modules


def test_records_are_written_whole(tmp_path: Path) -> None:
    write_whole(tmp_path / "x.json", {"a": "\udc80"})
    assert json.loads((tmp_path / "x.json").read_text()) == {"a": "\udc80"}
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]
