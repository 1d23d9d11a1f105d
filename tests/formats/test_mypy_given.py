from __future__ import annotations

import pytest
from formats.cuts import refuses_every_cut
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable, StageError, ToolCrashed
from gates.formats.mypy_config import MypyConfig, Section
from gates.formats.mypy_given import merged, parse, with_annotations
from gates.formats.mypy_result import Checked
from gates.formats.python_annotations import Annotations, Place
from gates.formats.tool_paths import Tree

DATA = "mypy/2.4.1"
CLEAN, FINDINGS, SYNTAX, USAGE = (
    recorded(f"{DATA}/given-{name}.txt") for name in ("clean", "findings", "syntax", "usage")
)
FILES = frozenset({"src/a.py", "src/b.py"})
TREE = Tree(roots=("/here",), files=FILES, sources=FILES)
STRICT = MypyConfig(
    name="pyproject.toml", whole=Section(modules=(), flags={"strict": True}, texts={})
)


def judged(*reports: bytes, tree: Tree = TREE, config: MypyConfig = STRICT) -> Checked:
    named = [(f"{number}.txt", data) for number, data in enumerate(reports)]
    return merged(named, tree, config, tree.files.__contains__)


def only(data: bytes, name: str) -> bytes:
    """The run without what it says of another source."""
    other = b"src/b.py" if name == "a" else b"src/a.py"
    return b"\n".join(
        line
        for line in data.split(b"\n")
        if other not in line or not line.startswith((b"LOG", b"{"))
    )


def test_a_recorded_run_is_read_with_absolute_paths() -> None:
    run = parse(FINDINGS, what="mypy.txt")

    assert (run.version, run.config) == ("2.4.1", "/project/pyproject.toml")
    assert run.modules == (("/project/src/a.py", "a"), ("/project/src/b.py", "b"))
    assert {one.path for one in run.messages} == {"/project/src/a.py", "/project/src/b.py"}
    assert len(run.messages) == 3


def test_the_folder_of_packages_and_absolute_paths() -> None:
    data = CLEAN.replace(b"'./src/a.py', module='a'", b"'./src/pkg/__init__.py', module='pkg'")
    data = data.replace(b"'./src/b.py', module='b'", b"'/other/b.py', module='b'")
    data = data.replace(b"/project/pyproject.toml", b"ci/mypy.ini")

    run = parse(data, what="mypy.txt")

    assert run.modules == (("/project/src/pkg/__init__.py", "pkg"), ("/other/b.py", "b"))
    assert run.config == "/project/ci/mypy.ini"


def test_without_a_folder_paths_are_those_of_the_project() -> None:
    """Made to the form of `mypy -m`: there is no `base_dir` then."""
    data = CLEAN.replace(b"base_dir='/project/src'", b"base_dir=None")
    data = data.replace(b"/project/pyproject.toml", b"Default")

    run = parse(data, what="mypy.txt")

    assert run.config == ""
    assert [path for path, _ in run.modules] == ["./src/a.py", "./src/b.py"]
    assert judged(data, config=MypyConfig()).modules.keys() == FILES


def test_it_is_refused_wherever_it_is_cut() -> None:
    refuses_every_cut(lambda data: parse(data, what="mypy.txt"), FINDINGS)
    refuses_every_cut(lambda data: parse(data, what="mypy.txt"), CLEAN)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "does not end with"),
        (b"\xff\n", "is not UTF-8"),
        (b"exit code 0\n", "no log of `--verbose`"),
        (CLEAN + CLEAN, "of several runs"),
        (CLEAN + b"more\n", "does not end with"),
        (CLEAN.replace(b"exit code 0", b"exit code 1"), "exit code 1 and holds 0 errors"),
        (FINDINGS.replace(b"exit code 1", b"exit code 0"), "exit code 0 and holds 3 errors"),
        (CLEAN.replace(b"LOG:  Mypy Version:           2.4.1\n", b""), "does not tell once"),
        (CLEAN.replace(b"LOG:  Config", b"LOG:  Config File:  /x\nLOG:  Config"), "tell once"),
        (CLEAN.replace(b"base_dir=", b"folder="), "a form that is not known"),
        (CLEAN.replace(b"module='a'", b"module=odd()"), "names a source that cannot be read"),
        (FINDINGS.replace(b'"line": 3,', b'"line": NaN,'), "NaN"),
        (FINDINGS.replace(b'"line": 3,', b'"line": 3, "line": 4,'), "twice|duplicate"),
        (b'{"file": ' + b"[" * 3000 + b"\n" + CLEAN, "deep|nest"),
    ],
)
def test_what_does_not_add_up_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(OutputUnreadable, match=says):
        parse(data, what="mypy.txt")


def test_a_recorded_syntax_error_is_no_result() -> None:
    with pytest.raises(StageError, match=r"mypy could not check `src/b\.py`") as caught:
        parse(SYNTAX, what="mypy.txt")
    assert caught.value.problem.place == "src/b.py:1:8"


@pytest.mark.parametrize("data", [USAGE, USAGE.replace(b"exit code 2", b"exit code 70")])
def test_a_run_that_could_not_check_is_no_result(data: bytes) -> None:
    with pytest.raises(ToolCrashed, match="unrecognized arguments: --bogus"):
        parse(data, what="mypy.txt")


def test_a_report_of_another_checkout_is_placed() -> None:
    checked = judged(FINDINGS)

    assert checked.modules == {"src/a.py": "a", "src/b.py": "b"}
    assert [(one.rule, one.place, one.counts) for one in checked.findings] == [
        ("assignment", "src/b.py:3:10", ("errors",)),
        ("assignment", "src/a.py:1:10", ("errors",)),
        ("no-untyped-def", "src/a.py:2:1", ("errors", "untyped")),
    ]
    assert (checked.tool.version, checked.tool.how) == ("2.4.1", "told by the report")


def test_parts_are_one_whole_and_nothing_counts_twice() -> None:
    one_by_one = FINDINGS.replace(b"exit code 1", b"exit code 1")

    assert judged(only(FINDINGS, "a"), only(one_by_one, "b")).findings == (
        judged(FINDINGS).findings[1:] + judged(FINDINGS).findings[:1]
    )
    assert judged(FINDINGS, FINDINGS).findings == judged(FINDINGS).findings


def test_parts_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(OutputUnreadable, match=r"different things of `src/a\.py`"):
        judged(FINDINGS, CLEAN)
    with pytest.raises(OutputUnreadable, match=r"different versions of mypy: 2\.4\.0, 2\.4\.1"):
        judged(CLEAN, CLEAN.replace(b"2.4.1", b"2.4.0"))


def test_a_source_that_no_part_names_is_no_result() -> None:
    with pytest.raises(StageError, match=r"did not look at `src/b\.py`") as caught:
        judged(only(CLEAN, "a"))
    assert caught.value.problem.slug == "source-not-examined"


def test_a_source_that_the_configuration_leaves_out_may_be_missing() -> None:
    whole = Section(modules=(), flags={}, texts={"exclude": (r"b\.py$",)})

    checked = judged(only(CLEAN, "a"), config=MypyConfig(name="pyproject.toml", whole=whole))

    assert checked.modules.keys() == {"src/a.py"}


def test_checking_no_source_is_no_result() -> None:
    everything = MypyConfig(
        name="pyproject.toml", whole=Section(modules=(), flags={}, texts={"exclude": ("lib",)})
    )
    tree = Tree(roots=("/here",), files=FILES | {"lib/x.py"}, sources=frozenset({"lib/x.py"}))

    with pytest.raises(StageError, match="none of the project's sources"):
        judged(CLEAN, tree=tree, config=everything)
    with pytest.raises(StageError, match="mypy checked no file"):
        judged(only(only(CLEAN, "a"), "b"))


def test_a_report_of_another_project_is_refused() -> None:
    with pytest.raises(OutputUnreadable, match="is not in the project") as caught:
        judged(CLEAN.replace(b"src/b.py", b"src/c.py"))
    assert caught.value.problem.slug == "foreign-report"


@pytest.mark.parametrize(
    "told", [b"/elsewhere/mypy.ini", b"Default", b"/project/src/pyproject.toml"]
)
def test_a_report_by_another_configuration_is_refused(told: bytes) -> None:
    with pytest.raises(OutputUnreadable, match="mypy was configured by") as caught:
        judged(CLEAN.replace(b"/project/pyproject.toml", told))
    assert caught.value.problem.slug == "other-configuration"


def test_a_configuration_above_the_project_is_the_same_from_there() -> None:
    data = CLEAN.replace(b"/project/pyproject.toml", b"/pyproject.toml")

    assert judged(data, config=MypyConfig(name="/pyproject.toml")).modules.keys() == FILES


def test_what_the_annotations_tell_is_added_where_mypy_is_silent() -> None:
    files = {
        "src/a.py": Annotations(untyped=(Place(2, 1, "`f` is not fully typed"),)),
        "src/b.py": Annotations(anys=(Place(2, 4, "Any"),)),
    }

    found = with_annotations(judged(FINDINGS), files).findings

    assert [(one.rule, one.place, one.counts) for one in found[2:]] == [
        ("no-untyped-def", "src/a.py:2:1", ("errors", "untyped")),
        ("explicit-any", "src/b.py:2:4", ("any",)),
    ]
