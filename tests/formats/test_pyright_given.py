from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.pyright_config import Layer
from gates.formats.pyright_config import merged as configured
from gates.formats.pyright_given import Project, merged
from gates.formats.pyright_result import Checked
from gates.formats.tool_paths import Tree

DATA = "pyright/1.1.414"
CLEAN, FINDINGS = (recorded(f"{DATA}/given-{name}.json") for name in ("clean", "findings"))
CLEAN_LOG, FINDINGS_LOG = (recorded(f"{DATA}/given-{name}.log") for name in ("clean", "findings"))
FILES = frozenset({"src/a.py", "src/b.py"})


def judged(
    *reports: bytes,
    log: bytes = b"",
    files: frozenset[str] = FILES,
    sources: frozenset[str] = FILES,
    settings: Mapping[str, object] | None = None,
) -> Checked:
    project = Project(
        tree=Tree(roots=("/here",), files=files, sources=sources),
        config=configured([Layer(folder="/here", settings=settings or {})]),
        is_there=files.__contains__,
    )
    named = [(f"{number}.json", data) for number, data in enumerate(reports)]
    return merged(named, ("pyright.log", log) if log else None, project)


def counting(files: int, *, version: str = "1.1.414", errors: int = 0) -> bytes:
    """A report made to pyright's form."""
    place = {"start": {"line": 0, "character": 0}}
    entry = {"file": "/ci/src/a.py", "severity": "error", "message": "wrong", "range": place}
    sums = {"errorCount": errors, "warningCount": 0, "informationCount": 0}
    whole = {
        "version": version,
        "generalDiagnostics": [entry] * errors,
        "summary": {"filesAnalyzed": files, **sums},
    }
    return json.dumps(whole).encode()


@pytest.mark.parametrize("log", [b"", FINDINGS_LOG])
def test_a_report_of_another_checkout_is_placed(log: bytes) -> None:
    checked = judged(FINDINGS, log=log)

    assert checked.files == FILES
    assert {one.path for one in checked.diagnostics} == FILES
    assert sum("errors" in one.counts for one in checked.diagnostics) == 6
    assert (checked.tool.version, checked.tool.how) == ("1.1.414", "told by the report")


@pytest.mark.parametrize("number", [0, 1, 3])
def test_the_number_of_files_must_be_that_of_the_project(number: int) -> None:
    with pytest.raises(StageError, match=r"pyright checked (no file|[13] files, where 2)"):
        judged(counting(number))


@pytest.mark.parametrize("number", [2, 3])
def test_a_version_that_may_count_a_file_of_its_own(number: int) -> None:
    data = counting(number, version="1.1.401")
    if number == len(FILES) + 1:
        assert judged(data).files == FILES
        return
    with pytest.raises(OutputUnreadable, match="checked 1 files, where 2"):
        judged(data)


def test_the_configuration_says_what_is_found() -> None:
    files = FILES | {"tests/t.py", "build/x.py"}

    assert judged(counting(4), files=files).files == files
    assert judged(counting(2), files=files, settings={"include": ["src"]}).files == FILES
    excluding = judged(counting(3), files=files, settings={"exclude": ["build"]})
    assert excluding.files == FILES | {"tests/t.py"}


def test_a_log_names_what_a_number_does_not() -> None:
    files = FILES | {"tests/t.py"}

    assert judged(CLEAN, log=CLEAN_LOG, files=files).files == FILES
    with pytest.raises(OutputUnreadable, match="checked 2 files, where 3"):
        judged(CLEAN, files=files)


def test_files_of_pyrights_own_do_not_count() -> None:
    own = b"/lib/pyright/typeshed-fallback/stdlib/builtins.pyi"
    log = CLEAN_LOG.replace(b"checked: 2", b"checked: 3") + b"1ms: file://" + own + b"\n"

    assert judged(CLEAN.replace(b": 2,", b": 3,"), log=log).files == FILES


def test_a_log_of_other_runs_contradicts() -> None:
    for report, log in (
        (CLEAN, FINDINGS_LOG),
        (FINDINGS, CLEAN_LOG),
        (counting(3), CLEAN_LOG),
        (counting(2, version="1.1.415"), CLEAN_LOG),
        (CLEAN, CLEAN_LOG + CLEAN_LOG),
    ):
        with pytest.raises(OutputUnreadable, match="is not of the runs that the report is of"):
            judged(report, log=log)


def test_a_source_that_the_log_does_not_name_is_no_result() -> None:
    files = FILES | {"src/c.py"}

    with pytest.raises(StageError, match=r"did not check `src/c\.py`") as caught:
        judged(CLEAN, log=CLEAN_LOG, files=files, sources=files)
    assert caught.value.problem.slug == "source-not-examined"
    excluded = {"exclude": ["src/c.py"]}
    checked = judged(CLEAN, log=CLEAN_LOG, files=files, sources=files, settings=excluded)
    assert checked.files == FILES


def test_checking_no_source_is_no_result() -> None:
    with pytest.raises(StageError, match="none of the project's sources"):
        judged(CLEAN, log=CLEAN_LOG, files=FILES | {"x.py"}, sources=frozenset({"x.py"}))


def test_parts_are_one_whole_and_nothing_counts_twice() -> None:
    parts = judged(counting(1, errors=2), counting(1, errors=1))

    # What one report holds twice is two; what two reports hold is one.
    assert len(parts.diagnostics) == 2
    assert judged(CLEAN, CLEAN, log=CLEAN_LOG + CLEAN_LOG).files == FILES


def test_parts_of_different_versions_contradict_each_other() -> None:
    with pytest.raises(OutputUnreadable, match=r"different versions of pyright: 1\.1\.414, 1\.2"):
        judged(counting(1), counting(1, version="1.2"))


@pytest.mark.parametrize(
    ("report", "log"),
    [
        (FINDINGS.replace(b"src/b.py", b"src/c.py"), b""),
        (CLEAN, CLEAN_LOG.replace(b"src/b.py", b"src/c.py")),
    ],
)
def test_a_report_of_another_project_is_refused(report: bytes, log: bytes) -> None:
    with pytest.raises(OutputUnreadable, match="is not in the project") as caught:
        judged(report, log=log)
    assert caught.value.problem.slug == "foreign-report"
