from __future__ import annotations

import json
from pathlib import Path

import pytest
from formats.sarif_samples import RESULT, located, report, run
from stages.fake_context import fake_context, metrics_of, recorded

from gates.domain.condition import Role
from gates.domain.finding import Span
from gates.plugin import OutputUnreadable, Severity, StageError, StageResult
from gates.stages.sarif import SEVERITIES, Sarif, SarifOptions

SEMGREP = recorded("sarif/semgrep-1.182.0/findings.sarif")
FILES = [{"location": {"uri": f"src/{name}.py"}, "roles": ["analysisTarget"]} for name in "ab"]
FINDING: dict[str, object] = {**RESULT, "locations": located("src/a.py")}


def judged(folder: Path, *reports: bytes, **options: object) -> StageResult:
    """What the stage makes of reports in a project with two sources."""
    ctx = fake_context(folder, {"src/a.py": "", "src/b.py": ""})
    for at, data in enumerate(reports):
        ctx.write(f"out/{at}.sarif", data)
    stage = Sarif(SarifOptions.from_plain({"report": ["out/*.sarif"], **options}))
    stage.check()
    return stage.measure(ctx)


def test_what_semgrep_wrote_is_judged_where_the_user_says_that_files_are_not_told(
    tmp_path: Path,
) -> None:
    result = judged(tmp_path, SEMGREP, examined="runs", tool="Semgrep OSS")

    assert metrics_of(result) == {
        "critical": 0,
        "high": 1,
        "medium": 0,
        "low": 0,
        "info": 0,
        "unknown": 0,
        "suppressed": 1,
    }
    (finding,) = result.findings
    assert (finding.rule, finding.place) == ("shell-true", "src/a.py:5:12")
    assert (finding.cwe, finding.owasp) == ((78,), "A05:2025 Injection")
    assert finding.counts == ("high",)
    assert (result.examined.count, result.examined.unit) == (1, "runs")
    assert (result.tool.name, result.tool.version) == ("Semgrep OSS", "1.182.0")
    assert "as `examined: runs` says" in result.notes[0]
    assert "1 findings are suppressed in the report" in result.notes


def test_without_that_word_it_is_no_result(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="does not tell which files") as caught:
        judged(tmp_path, SEMGREP)

    assert "`with: {examined: runs}`" in caught.value.problem.hint


def test_analysed_files_are_the_proof(tmp_path: Path) -> None:
    result = judged(tmp_path, report(run(artifacts=FILES)), suffixes=[".py"])

    assert (result.examined.count, result.examined.unit) == (2, "files")
    assert metrics_of(result)["high"] == 0
    assert not any("suffixes" in note for note in result.notes)


def test_that_sources_are_not_compared_is_told(tmp_path: Path) -> None:
    result = judged(tmp_path, report(run(artifacts=FILES[:1])))

    assert result.examined.count == 1
    assert any("`suffixes` asks it" in note for note in result.notes)


def test_a_source_that_was_not_analysed_is_no_result(tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"`src/b\.py`"):
        judged(tmp_path, report(run(artifacts=FILES[:1])), suffixes=[".py"])


def test_shards_are_put_together_and_a_finding_is_counted_once(tmp_path: Path) -> None:
    first = report(run(artifacts=FILES[:1], results=[FINDING]))
    second = report(run(artifacts=FILES, results=[FINDING]))

    result = judged(tmp_path, first, second, suffixes=[".py"])

    assert metrics_of(result)["medium"] == 1
    assert result.examined.count == 2


def test_a_run_that_stands_in_two_shards_is_refused(tmp_path: Path) -> None:
    same = run(artifacts=FILES, automationDetails={"guid": "ab"})

    with pytest.raises(OutputUnreadable, match="twice"):
        judged(tmp_path, report(same), report({**same, "results": [FINDING]}))


def test_a_report_of_another_tool_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputUnreadable, match="is of `Semgrep OSS`, not of `CodeQL`"):
        judged(tmp_path, SEMGREP, tool="CodeQL", examined="runs")


def test_listed_files_count_where_the_user_says_so(tmp_path: Path) -> None:
    files = [{"location": each["location"]} for each in FILES]

    result = judged(tmp_path, report(run(artifacts=files)), examined="artifacts", suffixes=[".py"])

    assert result.examined.count == 2
    assert "taken from `examined: artifacts`" in result.notes[0]


def test_absolute_addresses_are_those_of_the_project(tmp_path: Path) -> None:
    root = tmp_path / "project"
    files = [{"location": {"uri": (root / "src/a.py").as_uri()}, "roles": ["analysisTarget"]}]
    here = {**RESULT, "locations": located((root / "src/a.py").as_uri())}
    there = {**RESULT, "locations": located("file:///elsewhere/b.py")}

    result = judged(tmp_path, report(run(artifacts=files, results=[here, there])))

    assert [finding.path for finding in result.findings] == ["src/a.py", "/elsewhere/b.py"]


@pytest.mark.parametrize("uri", ["/other/project/x.py", "nowhere/x.py"])
def test_a_report_on_files_of_elsewhere_proves_nothing(tmp_path: Path, uri: str) -> None:
    files = [{"location": {"uri": uri}, "roles": ["analysisTarget"]}]

    with pytest.raises(OutputUnreadable, match="examined no file of this project"):
        judged(tmp_path, report(run(artifacts=files)))


def test_lines_and_further_places_are_handed_on(tmp_path: Path) -> None:
    spanning = {"artifactLocation": {"uri": "src/a.py"}, "region": {"startLine": 1, "endLine": 3}}
    locations = [{"physicalLocation": spanning}, *located("src/b.py", 9)]

    result = judged(
        tmp_path, report(run(artifacts=FILES, results=[{**RESULT, "locations": locations}]))
    )

    assert result.findings[0].spans == (
        Span(path="src/a.py", line=1, end_line=3),
        Span(path="src/b.py", line=9),
    )


def test_an_error_that_is_scored_zero_is_no_pass(tmp_path: Path) -> None:
    scored = {**FINDING, "level": "error", "properties": {"security-severity": "0.0"}}

    assert metrics_of(judged(tmp_path, report(run(artifacts=FILES, results=[scored]))))["high"] == 1


def test_what_writes_a_report_says_by_which_option_it_is_judged(tmp_path: Path) -> None:
    ruff = recorded("sarif/ruff-0.17.6/findings.sarif")

    assert judged(tmp_path, ruff, examined="runs").examined.unit == "runs"
    assert Sarif.written_by.startswith("ruff check ")
    assert "examined: runs" in Sarif.written_by


@pytest.mark.parametrize("severity", list(Severity))
def test_each_severity_is_counted(severity: Severity, tmp_path: Path) -> None:
    numbers = {
        Severity.CRITICAL: "9.8",
        Severity.HIGH: "7.1",
        Severity.MEDIUM: "5.0",
        Severity.LOW: "1.0",
        Severity.INFO: "0.0",
        Severity.UNKNOWN: "high",
    }
    level = "none" if severity is Severity.INFO else "warning"
    finding = {**RESULT, "level": level, "properties": {"security-severity": numbers[severity]}}

    result = judged(tmp_path, report(run(artifacts=FILES, results=[finding])))

    (found,) = result.findings
    assert found.counts == (SEVERITIES[severity],)
    assert metrics_of(result)[severity.value] == 1
    assert any("have no OWASP category" in note for note in result.notes)


def test_the_table_of_severities_is_total() -> None:
    assert set(SEVERITIES) == set(Severity)
    assert {spec.name for spec in Sarif.metrics} == {*SEVERITIES.values(), "suppressed"}


def test_medium_findings_only_warn() -> None:
    assert {default.text: default.role for default in Sarif.defaults} == {
        "critical == 0": Role.REQUIRE,
        "high == 0": Role.REQUIRE,
        "unknown == 0": Role.REQUIRE,
        "medium == 0": Role.WARN,
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"report": []}, "`report` names what is judged"),
        ({"report": ["x"], "examined": "files"}, "is one of targets, artifacts, runs"),
        ({"report": ["x"], "examined": "runs", "suffixes": [".py"]}, "needs the examined files"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Sarif(SarifOptions.from_plain(options)).check()


@pytest.mark.parametrize("data", [b"{}", b"[]", b"{", json.dumps({"version": "2.1.0"}).encode()])
def test_a_broken_report_is_unreadable(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(StageError):
        judged(tmp_path, data)
