from __future__ import annotations

import pytest

from gates.formats.junit_cases import Outcome
from gates.formats.junit_words import SuiteWords, UnknownWordError, of_case, of_suite, places


@pytest.mark.parametrize(
    ("name", "value", "outcome"),
    [
        ("status", "run", Outcome.PASSED),
        ("status", " FAILED ", Outcome.FAILED),
        ("Result", "Error", Outcome.ERROR),
        ("result", "Inconclusive", Outcome.NOT_RUN),
        ("status", "aborted", Outcome.ERROR),
        ("status", "TimedOut", Outcome.ERROR),
        ("outcome", "Failed", Outcome.FAILED),
        ("state", "on fire", Outcome.PASSED),
        ("success", "True", Outcome.PASSED),
        ("success", "", Outcome.PASSED),
        ("success", "False", Outcome.FAILED),
        ("passed", "0", Outcome.FAILED),
        ("executed", "false", Outcome.NOT_RUN),
        ("failures", "0", Outcome.PASSED),
        ("failures", "1", Outcome.FAILED),
        ("failure", "expected 1", Outcome.FAILED),
        ("error", "true", Outcome.ERROR),
        ("timed_out", "true", Outcome.ERROR),
        ("incomplete", "true", Outcome.ERROR),
        ("ignored", "true", Outcome.SKIPPED),
        ("not-run", "yes", Outcome.NOT_RUN),
        ("disabled", "false", Outcome.PASSED),
        ("name", "failed", Outcome.PASSED),
        ("value_param", "failed", Outcome.PASSED),
    ],
)
def test_what_a_case_says(name: str, value: str, outcome: Outcome) -> None:
    assert of_case({name: value}) is outcome


def test_the_worst_word_of_a_case_decides() -> None:
    said = {"status": "passed", "result": "skipped", "success": "false", "executed": "true"}
    assert of_case(said) is Outcome.FAILED


def test_an_unknown_status_is_refused() -> None:
    for ask in (of_case, of_suite):
        with pytest.raises(UnknownWordError, match="meh"):
            ask({"status": "Meh"})


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, SuiteWords()),
        ({"failures": "3", "errors": "2", "skipped": "1", "disabled": "1"}, SuiteWords()),
        ({"name": "failed", "status": "run", "result": "Success"}, SuiteWords()),
        # Counts, and no flags.
        ({"passed": "0", "ignored": "2", "warnings": "1", "flakes": "1"}, SuiteWords()),
        ({"Failures": "3"}, SuiteWords(problems=3)),
        ({"failed": "3", "error": "4"}, SuiteWords(problems=4)),
        ({"failed": "0", "error": "", "aborted": "false", "timedout": "0"}, SuiteWords()),
        ({"failed": "yes"}, SuiteWords(bad="failed='yes'")),
        ({"success": "False"}, SuiteWords(bad="success='False'")),
        ({"Result": "FAILED"}, SuiteWords(bad="Result='FAILED'")),
        ({"status": "Error"}, SuiteWords(bad="status='Error'")),
        ({"result": "Timeout"}, SuiteWords(ended="result='Timeout'")),
        ({"status": "aborted"}, SuiteWords(ended="status='aborted'")),
        ({"Timed-Out": "1"}, SuiteWords(ended="Timed-Out='1'")),
        ({"incomplete": "1"}, SuiteWords()),
        ({"executed": "False", "skipped": "true"}, SuiteWords()),
    ],
)
def test_what_a_suite_says(said: dict[str, str], words: SuiteWords) -> None:
    assert of_suite(said) == words


def test_the_places_of_a_tests_attributes() -> None:
    names = ("file", "name", "time")
    values = ["file", "a.py", "name", "test_a", "time", "0.5", ""]
    name, owner, file, time, says_no_more = places(names)
    assert [values[at] for at in (name, owner, file, time)] == ["test_a", "", "a.py", "0.5"]
    assert says_no_more
    assert not places((*names, "status"))[-1]
