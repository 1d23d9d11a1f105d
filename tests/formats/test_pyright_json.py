from __future__ import annotations

import json

import pytest
from stages.fake_context import recorded

from gates.formats.pyright_json import Diagnostic, Report, parse
from gates.plugin import OutputUnreadable

DATA = "pyright/1.1.414"


def report(**changes: object) -> bytes:
    entry = {"file": "/project/a.py", "severity": "error", "message": "wrong\n  because"}
    summary = {"filesAnalyzed": 1, "errorCount": 1, "warningCount": 0, "informationCount": 0}
    whole = {"version": "1.1.414", "generalDiagnostics": [entry], "summary": summary, **changes}
    return json.dumps(whole).encode()


def test_a_recorded_report_is_read() -> None:
    found = parse(recorded(f"{DATA}/findings.json"))

    assert (found.version, found.files, len(found.diagnostics)) == ("1.1.414", 2, 7)
    assert found.diagnostics[0] == Diagnostic(
        path="/project/src/a.py",
        line=5,
        column=8,
        text='Import "os" is not accessed',
        rule="reportUnusedImport",
        severity="warning",
    )


def test_an_entry_may_lack_its_place_and_rule() -> None:
    assert parse(report()).diagnostics == (
        Diagnostic(
            path="/project/a.py", line=0, column=0, text="wrong because", rule="", severity="error"
        ),
    )


@pytest.mark.parametrize("severity", ["error", "warning", "information"])
def test_the_sums_are_those_of_the_entries(severity: str) -> None:
    sums = {"filesAnalyzed": 1, "errorCount": 1, "warningCount": 0, "informationCount": 0}
    sums[f"{severity}Count"] += 1

    with pytest.raises(OutputUnreadable, match=f"{sums[f'{severity}Count']} {severity}"):
        parse(report(summary=sums))


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b"{",
        b"[]",
        report()[:-10],
        report(generalDiagnostics={}),
        report(version=1),
        report(summary={"errorCount": 1}),
        report(generalDiagnostics=[{"file": "a.py"}]),
    ],
)
def test_what_is_no_report_is_unreadable(data: bytes) -> None:
    with pytest.raises(OutputUnreadable):
        parse(data)


@pytest.mark.parametrize(
    ("data", "summary", "hint"),
    [
        (recorded(f"{DATA}/bad-rule.txt"), "does not understand .*reportMissingImports", "correct"),
        (b" * Install prebuilt node\n{}", "but: . Install prebuilt node$", "Node.js"),
        (b"", "wrote no report$", "Node.js"),
    ],
)
def test_what_stands_before_the_report_is_told(data: bytes, summary: str, hint: str) -> None:
    with pytest.raises(OutputUnreadable, match=summary) as caught:
        parse(data)

    assert hint in caught.value.problem.hint


@pytest.mark.parametrize(
    ("version", "may"), [("1.1.401", True), ("1.1.414", False), ("1.2.0", False), ("odd", True)]
)
def test_an_older_one_may_count_a_file_of_its_own(version: str, *, may: bool) -> None:
    assert Report(version=version, diagnostics=(), files=1).counts_its_own is may
