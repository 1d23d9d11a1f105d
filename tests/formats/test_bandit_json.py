from __future__ import annotations

import json

import pytest
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable
from gates.formats.bandit_json import WITHHELD, apart, parse, without_secrets

DATA = "bandit/1.9.4"


def test_a_recorded_report_is_read() -> None:
    report = parse(recorded(f"{DATA}/findings.json"), what="bandit.json")

    first = report.issues[0]
    assert (first.test, first.severity, first.confidence, first.cwe) == ("B403", "LOW", "HIGH", 502)
    assert (first.path, first.line, first.column) == ("././src/a.py", 4, 1)
    assert sorted(report.examined) == ["././src/a.py", "././src/b.py"]
    assert report.errors == ()
    assert report.totals["SEVERITY.HIGH"] == 1


def test_a_file_that_was_not_parsed_is_not_examined() -> None:
    report = parse(recorded(f"{DATA}/syntax.json"), what="bandit.json")

    assert report.examined == ("././src/a.py",)
    assert report.errors == (("././src/c.py", "syntax error while parsing AST from file"),)


@pytest.mark.parametrize("change", [{"issue_cwe": None}, {"issue_cwe": {}}])
def test_a_test_may_name_no_weakness(change: dict[str, object]) -> None:
    whole: dict[str, list[dict[str, object]]] = json.loads(recorded(f"{DATA}/findings.json"))
    whole["results"][0] |= {**change, "col_offset": None}

    issue = parse(json.dumps(whole).encode(), what="x").issues[0]

    assert (issue.cwe, issue.column) == (0, 0)


@pytest.mark.parametrize("kept", [0, 5])
def test_results_that_were_filtered_are_unreadable(kept: int) -> None:
    whole: dict[str, list[object]] = json.loads(recorded(f"{DATA}/findings.json"))
    del whole["results"][kept:]

    with pytest.raises(OutputUnreadable, match="bandit counted"):
        parse(json.dumps(whole).encode(), what="x")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b'{"results": [], "errors": [], "metrics": {}}',
        b'{"results": [], "errors": [], "metrics": {"_totals": {"loc": -1}}}',
        b'{"results": [], "errors": [1], "metrics": {"_totals": {}}}',
        recorded(f"{DATA}/findings.json")[:-100],
    ],
)
def test_what_is_not_bandits_is_unreadable(data: bytes) -> None:
    with pytest.raises(OutputUnreadable):
        parse(data, what="x")


def test_a_planted_file_is_taken_out_with_its_sums() -> None:
    report = parse(recorded(f"{DATA}/findings.json"), what="bandit.json")

    rest, found = apart(report, "src/a.py")

    assert rest.examined == ("././src/b.py",)
    assert found is not None
    assert {issue.path for issue in found} == {"././src/a.py"}
    assert {issue.path for issue in rest.issues} <= {"././src/b.py"}
    assert len(found) + len(rest.issues) == len(report.issues)
    assert rest.totals["loc"] == report.sums["././src/b.py"]["loc"]
    assert rest.totals["SEVERITY.HIGH"] == report.sums["././src/b.py"]["SEVERITY.HIGH"]


def test_a_file_that_was_not_examined_cannot_be_taken_out() -> None:
    report = parse(recorded(f"{DATA}/syntax.json"), what="bandit.json")

    assert apart(report, "src/c.py") == (report, None)


@pytest.mark.parametrize("test", ["B105", "B106", "B107", "B999"])
def test_no_password_and_no_line_of_code_is_kept(test: str) -> None:
    whole: dict[str, list[dict[str, object]]] = json.loads(recorded(f"{DATA}/findings.json"))
    found = {"test_id": test, "issue_text": "Possible hardcoded password: 'hunter2'"}
    whole["results"][0] |= {**found, "code": "password = 'hunter2'"}  # pragma: allowlist secret
    data = json.dumps(whole).encode()

    kept = without_secrets(data, what="x")

    assert b"hunter2" not in kept
    assert b'"code"' not in kept
    assert parse(kept, what="x") == parse(data, what="x")
    assert parse(data, what="x").issues[0].text == WITHHELD


@pytest.mark.parametrize("data", [b"", b"{}", b'{"results": [{"issue_text": "x"}]}'])
def test_what_is_not_bandits_is_not_kept(data: bytes) -> None:
    with pytest.raises(OutputUnreadable):
        without_secrets(data, what="x")


def test_a_result_without_a_text_is_left_to_the_reader() -> None:
    assert json.loads(without_secrets(b'{"results": [{"code": "x"}]}', what="x")) == {
        "results": [{}]
    }
