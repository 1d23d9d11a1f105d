from __future__ import annotations

import json

import pytest
from formats.cuts import refuses_every_cut
from formats.sarif_samples import RESULT, one, read, read_all, report, ruled, run
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable, StageError
from gates.domain.finding import Severity
from gates.formats.sarif import MAX_BYTES, Result

SEMGREP = "sarif/semgrep-1.182.0/findings.sarif"


def test_what_semgrep_wrote_is_read() -> None:
    (found,) = read_all(recorded(SEMGREP))

    assert (found.tool, found.version, found.ended.is_told) == ("Semgrep OSS", "1.182.0", True)
    assert found.targets == found.listed == frozenset()
    first, second = found.results
    assert first == Result(
        rule="shell-true",
        severity=Severity.HIGH,
        message="A shell runs command",
        path="src/a.py",
        line=5,
        column=12,
        end_line=0,
        also=(),
        cwe=(78,),
        subject="",
        fix="",
        is_suppressed=False,
    )
    assert (second.path, second.is_suppressed) == ("src/e.py", True)


def test_a_rule_that_semgrep_could_not_read_is_no_result_whatever_the_header_says() -> None:
    with pytest.raises(StageError, match="Rule parse error in rule bad") as caught:
        read_all(recorded("sarif/semgrep-1.182.0/broken-rule.sarif"))

    assert caught.value.problem.slug == "not-checked"


def test_what_bandit_wrote_is_read() -> None:
    (found,) = read_all(recorded("sarif/bandit-1.9.4/findings.sarif"))

    assert [(each.rule, each.severity, each.cwe) for each in found.results] == [
        ("B404", Severity.LOW, (78,)),
        ("B602", Severity.HIGH, (78,)),
        ("B404", Severity.LOW, (78,)),
        ("B602", Severity.HIGH, (78,)),
    ]


def test_what_ruff_wrote_is_read() -> None:
    (found,) = read_all(recorded("sarif/ruff-0.17.6/findings.sarif"))

    assert {(each.rule, each.path) for each in found.results} == {
        ("S602", "src/a.py"),
        ("S602", "src/e.py"),
    }
    assert not found.ended.is_told


@pytest.mark.parametrize(
    ("tool", "expected"),
    [
        (
            "codeql",
            [
                ("py/sql-injection", Severity.HIGH, "src/a.py", 12, (89,), ""),
                ("py/weak-hash", Severity.MEDIUM, "src/a.py", 20, (327, 328), ""),
            ],
        ),
        ("gitleaks", [("aws-access-token", Severity.MEDIUM, "settings.py", 3, (), "")]),
        ("zap", [("40018", Severity.HIGH, "", 0, (89,), "https://shop.example/orders?id=1")]),
        (
            "dependency-check",
            [("CVE-2021-44228", Severity.CRITICAL, "lib/log4j core-2.14.1.jar", 0, (), "")],
        ),
        ("trivy", [("CVE-2024-0001", Severity.HIGH, "requirements.txt", 2, (), "")]),
    ],
)
def test_reports_made_to_the_documented_forms_are_read(
    tool: str, expected: list[tuple[object, ...]]
) -> None:
    (found,) = read_all(recorded(f"sarif/made/{tool}.sarif"))

    assert [
        (r.rule, r.severity, r.path, r.line, r.cwe, r.subject) for r in found.results
    ] == expected


def test_a_report_that_is_cut_anywhere_is_refused() -> None:
    refuses_every_cut(read_all, recorded(SEMGREP))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"version": "2.1.0", "version": "2.1.0", "runs": []}',
        b'{"version": "2.1.0", "runs": [{"results": NaN}]}',
        b'{"version": "2.1.0", "runs": ' + b"[" * 300 + b"]" * 300 + b"}",
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>',
        b'{"version": "2.1.0", "runs": [{"tool": {"driver": {}}, "results": []}]}',
        b'{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": [1]}]}',
    ],
)
def test_what_is_no_report_is_unreadable(data: bytes) -> None:
    with pytest.raises(OutputUnreadable):
        read_all(data)


def test_a_byte_order_mark_is_read_over() -> None:
    assert read_all(b"\xef\xbb\xbf" + report(run()))[0].tool == "sample"


def test_a_report_beyond_the_limit_is_not_read() -> None:
    with pytest.raises(OutputUnreadable, match="at most"):
        read_all(b" " * (MAX_BYTES + 1))


@pytest.mark.parametrize("version", ["2.0.0", "2.2.0", "2.1.0-rtm.5", ""])
def test_another_version_is_unreadable(version: str) -> None:
    with pytest.raises(OutputUnreadable, match=r"2\.1\.0 is read"):
        read_all(report(run(), version=version))


@pytest.mark.parametrize("runs", [None, []])
def test_a_report_without_a_run_checked_nothing(runs: list[object] | None) -> None:
    with pytest.raises(StageError, match="nothing was checked"):
        read_all(report(runs=runs))


def test_results_beside_the_runs_are_refused() -> None:
    with pytest.raises(StageError, match="inlineExternalProperties"):
        read_all(report(run(), inlineExternalProperties=[{"results": []}]))


def test_all_runs_are_read() -> None:
    other = run(automationDetails={"guid": "AB"}, results=[RESULT])

    first, second = read_all(report(run(), other))

    assert (first.guid, len(first.results), second.guid, len(second.results)) == ("", 0, "ab", 1)


@pytest.mark.parametrize(
    ("kind", "findings", "undecided"),
    [
        ("fail", 1, 0),
        ("pass", 0, 0),
        ("open", 0, 1),
        ("review", 0, 1),
        ("notApplicable", 0, 0),
        ("informational", 0, 0),
        (None, 1, 0),
    ],
)
def test_only_what_fails_is_a_finding(kind: str | None, findings: int, undecided: int) -> None:
    found = ruled({}, {"kind": kind})

    assert (len(found.results), found.undecided) == (findings, undecided)


def test_a_result_that_passes_and_has_a_level_contradicts_itself() -> None:
    with pytest.raises(OutputUnreadable, match="of kind `pass` and of level `error`") as caught:
        ruled({}, {"kind": "pass", "level": "error"})

    assert caught.value.problem.slug == "contradiction"


def test_a_result_that_passes_may_say_that_it_has_no_level() -> None:
    assert ruled({}, {"kind": "pass", "level": "none"}).results == ()


@pytest.mark.parametrize(
    ("state", "findings"), [("new", 1), ("unchanged", 1), ("updated", 1), ("absent", 0), (None, 1)]
)
def test_what_is_gone_since_the_baseline_is_no_finding(state: str | None, findings: int) -> None:
    assert len(ruled({}, {"baselineState": state}).results) == findings


@pytest.mark.parametrize(
    ("statuses", "is_suppressed"),
    [
        ((), False),
        (("absent",), True),
        (("accepted",), True),
        (("rejected",), False),
        (("underReview",), False),
        (("accepted", "absent"), True),
        (("accepted", "rejected"), False),
        (("absent", "underReview"), False),
    ],
)
def test_a_suppression_counts_where_none_beside_it_is_open(
    statuses: tuple[str, ...], *, is_suppressed: bool
) -> None:
    listed = [
        {"kind": "inSource"} | ({} if status == "absent" else {"status": status})
        for status in statuses
    ]

    assert one({"suppressions": listed}).is_suppressed is is_suppressed


def test_a_result_for_people_that_is_suppressed_is_not_told() -> None:
    assert ruled({}, {"kind": "open", "suppressions": [{"kind": "external"}]}).undecided == 0


@pytest.mark.parametrize(
    "result",
    [
        {"kind": "odd"},
        {"level": "fatal"},
        {"baselineState": "none"},
        {"suppressions": [{"kind": "odd"}]},
        {"suppressions": [{"kind": "external", "status": "odd"}]},
    ],
)
def test_an_unknown_word_is_unreadable(result: dict[str, object]) -> None:
    with pytest.raises(OutputUnreadable, match="which is unknown"):
        ruled({}, result)


def test_what_a_fix_would_do_is_told() -> None:
    assert one({"fixes": [{"description": {"text": "use a list"}}]}).fix == "use a list"
    assert not one({"fixes": []}).fix
    assert not one({"fixes": [{}]}).fix


def test_the_places_of_files_are_those_that_were_analysed() -> None:
    found = read(
        artifacts=[
            {"location": {"uri": "src/a.py"}, "roles": ["analysisTarget"]},
            {"location": {"uri": "src"}, "roles": ["analysisTarget", "directory"]},
            {"location": {"uri": "src/b.py"}, "roles": ["resultFile"]},
            {"location": {"uri": "src/c.py"}},
            {},
        ]
    )

    assert found.targets == {"src/a.py"}
    assert found.listed == {"src/a.py", "src/b.py", "src/c.py"}


def test_the_same_file_in_other_words_is_read_alike() -> None:
    spaced = json.dumps(json.loads(recorded(SEMGREP)), indent=4).encode()

    assert read_all(spaced) == read_all(recorded(SEMGREP))
