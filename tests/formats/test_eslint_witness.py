from __future__ import annotations

import json

import pytest
from formats.cuts import refuses_every_cut
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable
from gates.formats.eslint_witness import (
    CANARY,
    OLDER,
    Canary,
    Configuration,
    formatter,
    parse,
    words,
)

CRASH = b"""
Oops! Something went wrong! :(

ESLint: 10.15.0

No files matching the pattern "." were found.
Please check for typing mistakes in the pattern.

"""
SAID = """\
No files matching the pattern "." were found. Please check for typing mistakes in the pattern."""
WITNESS = "eslint/10.15.0/findings-witness.json"


def test_a_recorded_run_tells_rules_and_configuration_of_each_file() -> None:
    witness = parse(recorded(WITNESS), what="eslint.json")

    assert {path: one.rules for path, one in witness.configurations.items()} == {
        "/project/.dependency-cruiser.cjs": 84,
        "/project/eslint.config.js": 84,
        "/project/src/core/total.ts": 70,
        "/project/src/web/rate.ts": 70,
    }
    assert {one.file for one in witness.configurations.values()} == {"/project/eslint.config.js"}
    assert [one.path for one in witness.canaries] == ["/project/src/core/total.ts"]
    assert {"no-debugger", "eqeqeq", "no-var"} < set(witness.canaries[0].found)
    assert len(witness.report.files) == 4


def test_the_results_are_those_of_the_plain_formatter() -> None:
    witness = json.loads(recorded(WITNESS))
    plain = json.loads(recorded("eslint/10.15.0/findings.json"))

    for entry in plain:
        entry.pop("source", None)
    assert witness["results"] == plain


def test_a_kind_of_configuration_is_described() -> None:
    document = {
        "results": [],
        "configurations": [],
        "canaries": [{"path": "a", "found": ["x"], "fatal": "y"}],
    }

    witness = parse(json.dumps(document).encode(), what="eslint.json")

    assert witness.canaries == (Canary(path="a", found=("x",), fatal="y"),)


def test_each_file_needs_result_and_configuration() -> None:
    document = json.loads(recorded(WITNESS))
    document["configurations"].pop()

    with pytest.raises(OutputUnreadable, match=r"`/project/src/web/rate\.ts`, and not both"):
        parse(json.dumps(document).encode(), what="eslint.json")


def test_a_plain_report_is_no_witness() -> None:
    with pytest.raises(OutputUnreadable):
        parse(recorded("eslint/10.15.0/findings.json"), what="eslint.json")


def test_a_report_that_is_cut_short_is_unreadable() -> None:
    refuses_every_cut(lambda data: parse(data, what="eslint.json"), recorded(WITNESS))


def test_the_formatter_holds_the_sources_and_the_text() -> None:
    text = formatter({"src/b.ts", 'src/a"`${1}.ts'}).decode()

    assert 'new Set(["src/a\\"`${1}.ts", "src/b.ts"])' in text
    assert f"const TEXTS = {json.dumps([CANARY, OLDER])};" in text
    assert "{{" not in text


def test_configurations_know_where_they_are_from() -> None:
    assert Configuration(rules=1, file="").file == ""


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (CRASH, SAID),
        (b"Invalid option '--nope'\nmore\nmore\n", "Invalid option '--nope' more"),
        (b"", "nothing"),
        (b"x" * 500, "x" * 300),
    ],
)
def test_the_words_of_a_run_that_gave_up(log: bytes, said: str) -> None:
    assert words(log) == said
