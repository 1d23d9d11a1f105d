from __future__ import annotations

import json

import pytest
from formats.cuts import refuses_every_cut
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.eslint_json import (
    ERROR,
    NO_RULE,
    WARNING,
    EslintReport,
    Linted,
    Message,
    parse,
    refuse_contradiction,
    refuse_unreadable,
)
from gates.formats.tool_paths import Tree

DATA = "eslint/10.15.0"
TREE = Tree(roots=("/project",), files=frozenset(), sources=frozenset())


def entry(**changes: object) -> dict[str, object]:
    return {
        "filePath": "/project/src/a.ts",
        "messages": [{"ruleId": "no-var", "severity": 2, "message": "no", "line": 3, "column": 8}],
        "suppressedMessages": [],
        "errorCount": 1,
        "warningCount": 0,
        "fatalErrorCount": 0,
        **changes,
    }


def read(*entries: object) -> EslintReport:
    return parse(json.dumps(entries).encode(), what="eslint.json")


def test_a_recorded_report_names_clean_files_too() -> None:
    report = parse(recorded(f"{DATA}/findings.json"), what="eslint.json")

    assert [(one.path, len(one.messages), len(one.suppressed)) for one in report.files] == [
        ("/project/.dependency-cruiser.cjs", 1, 0),
        ("/project/eslint.config.js", 0, 0),
        ("/project/src/core/total.ts", 3, 1),
        ("/project/src/web/rate.ts", 1, 0),
    ]
    assert report.folder == ""
    assert report.files[2].messages[0] == Message(
        rule="prefer-const",
        level=ERROR,
        text="'sum' is never reassigned. Use 'const' instead.",
        line=4,
        column=7,
        is_fixable=True,
        end_line=4,
    )


def test_a_recorded_report_with_metadata_tells_the_folder() -> None:
    plain = parse(recorded(f"{DATA}/findings.json"), what="eslint.json")
    report = parse(recorded(f"{DATA}/findings-metadata.json"), what="eslint.json")

    assert (report.files, report.folder) == (plain.files, "/project")


def test_a_recorded_file_that_was_named_and_not_linted() -> None:
    report = parse(recorded(f"{DATA}/ignored.json"), what="eslint.json")

    assert [one.path for one in report.files if one.is_ignored] == ["/project/src/left.ts"]


@pytest.mark.parametrize(
    "message",
    [
        {"ruleId": None, "severity": 1, "message": "Unused eslint-disable directive"},
        {"ruleId": None, "severity": 2, "message": "File ignored by default"},
        {"ruleId": "x", "severity": 1, "message": "File ignored by default"},
        {"ruleId": None, "severity": 1, "message": "File ignored by default", "line": 1},
    ],
)
def test_other_messages_do_not_stand_for_an_ignored_file(message: dict[str, object]) -> None:
    level = message["severity"]
    one = entry(messages=[message], errorCount=int(level == 2), warningCount=int(level == 1))

    assert not read(one).files[0].is_ignored


def test_a_message_without_rule_and_place() -> None:
    one = entry(
        messages=[{"ruleId": None, "severity": 1, "message": "odd"}], errorCount=0, warningCount=1
    )

    assert read(one).files[0].messages == (
        Message(rule=NO_RULE, level=WARNING, text="odd", line=0, column=0),
    )


def test_a_message_may_span_lines() -> None:
    spanning = {"ruleId": "x", "severity": 2, "message": "no", "line": 3, "endLine": 9}

    assert read(entry(messages=[spanning])).files[0].messages[0].end_line == 9
    assert read(entry(messages=[{**spanning, "endLine": None}])).files[0].messages[0].end_line == 0


def test_older_reports_do_not_count_fatal_errors() -> None:
    one = entry()
    del one["fatalErrorCount"]

    assert len(read(one).files) == 1


@pytest.mark.parametrize("header", ["errorCount", "warningCount", "fatalErrorCount"])
def test_a_count_that_lies_is_unreadable(header: str) -> None:
    with pytest.raises(OutputUnreadable, match=f"{header}` is 7, and there are") as caught:
        read(entry(**{header: 7}))

    assert caught.value.problem.slug == "contradiction"


def test_a_file_that_stands_twice_is_unreadable() -> None:
    with pytest.raises(OutputUnreadable, match="a second time"):
        read(entry(), entry())


@pytest.mark.parametrize("severity", [0, 3, -1])
def test_an_unknown_severity_is_unreadable(severity: int) -> None:
    with pytest.raises(OutputUnreadable, match="no severity of ESLint"):
        read(entry(messages=[{"ruleId": "x", "severity": severity, "message": ""}]))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"null",
        b'[{"filePath": "a"}]',
        b'[{"messages": []}]',
        b'{"results": []}',
        b'{"results": [], "metadata": {}}',
        b'[{"filePath": "a", "filePath": "b", "messages": []}]',
        b'[{"filePath": "a", "messages": [], "suppressedMessages": [], "errorCount": NaN}]',
        b"[" * 300 + b"]" * 300,
    ],
)
def test_an_empty_foreign_or_hostile_report_is_unreadable(data: bytes) -> None:
    with pytest.raises(OutputUnreadable):
        parse(data, what="eslint.json")


@pytest.mark.parametrize("name", ["findings.json", "findings-metadata.json", "ignored.json"])
def test_a_report_that_is_cut_short_is_unreadable(name: str) -> None:
    refuses_every_cut(lambda data: parse(data, what="eslint.json"), recorded(f"{DATA}/{name}"))


def test_a_recorded_syntax_error_is_no_result() -> None:
    report = parse(recorded(f"{DATA}/syntax.json"), what="eslint.json")

    with pytest.raises(StageError, match=r"could not read `src/bad\.ts`: Parsing error") as caught:
        refuse_unreadable(report.files, TREE)

    assert caught.value.problem.place == "src/bad.ts:1:10"


def test_an_unreadable_file_without_a_place_names_the_file() -> None:
    fatal = Message(rule=NO_RULE, level=ERROR, text="no", line=0, column=0, is_fatal=True)
    one = Linted(path="/project/a.js", messages=(fatal,), suppressed=())

    with pytest.raises(StageError) as caught:
        refuse_unreadable([one], TREE)

    assert caught.value.problem.place == "a.js"


def test_exit_code_and_errors_must_agree() -> None:
    files = read(entry()).files

    refuse_contradiction(files, 1)
    refuse_contradiction((), 0)
    refuse_unreadable(files, TREE)
    for wrong, exit_code in ((files, 0), ((), 1)):
        with pytest.raises(OutputUnreadable, match=f"exit code {exit_code}"):
            refuse_contradiction(wrong, exit_code)
