"""The words of JUnit reports: elements, and attributes that say what became of tests and suites.

The elements are those of the writers named in `junit`. Writers that turn another format into JUnit
leave attributes of it: NUnit's `success` and `executed`, Eclipse's `ignored` and `incomplete`.
Names of attributes are compared in small letters, without `-` and `_`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from gates.formats.junit_cases import Outcome

ROOTS = frozenset({"testsuites", "testsuite", "testrun"})
"""Elements that hold suites and test cases."""

REASONS = {
    "failure": Outcome.FAILED,
    "error": Outcome.ERROR,
    "skipped": Outcome.SKIPPED,
    "disabled": Outcome.NOT_RUN,
}
"""Elements that say why a case, or a suite, did not pass."""

ATTEMPTS = frozenset({"rerunFailure", "rerunError", "flakyFailure", "flakyError"})
"""Elements of Surefire that tell a further attempt of a test."""

BESIDE = frozenset(
    {
        *("system-out", "system-err", "properties", "property", "attachments", "attachment"),
        *("output", "assertions", "traits", "categories", "tags", "labels", "links", "steps"),
        *("description", "parameters", "screenshot", "stacktrace", "benchmark", "timing"),
    }
)
"""What else a test or a suite may hold; any other name may be a misspelt failure or test."""

PLAIN = frozenset({"name", "classname", "file", "line", "time", "timestamp", "assertions", "id"})
"""Attributes of most test cases; none of them says what became of it."""

STATUSES = {
    **dict.fromkeys(("", "run", "ran", "pass", "passed", "ok", "executed"), Outcome.PASSED),
    **dict.fromkeys(("success", "successful", "succeeded", "completed"), Outcome.PASSED),
    **dict.fromkeys(("skip", "skipped", "ignored", "suppressed", "todo"), Outcome.SKIPPED),
    **dict.fromkeys(("notrun", "not_run", "not run", "disabled", "pending"), Outcome.NOT_RUN),
    **dict.fromkeys(("inconclusive", "canceled", "cancelled"), Outcome.NOT_RUN),
    **dict.fromkeys(("fail", "failed", "failure", "regression"), Outcome.FAILED),
    **dict.fromkeys(("error", "errored", "broken", "crashed", "timeout"), Outcome.ERROR),
    **dict.fromkeys(("aborted", "timedout", "timed out", "interrupted"), Outcome.ERROR),
}
"""Words of `status` and `result` (GoogleTest's among them), in small letters."""

_BAD = (Outcome.ERROR, Outcome.FAILED)
_STRICT = frozenset({"status", "result"})  # an unknown word is refused
_LOOSE = frozenset({"outcome", "state"})  # no writer is known: only a known word tells something
_ENDED = frozenset(
    {"aborted", "timedout", "interrupted", "terminated", "crashed", "canceled", "cancelled"}
)
_ENDED_STATUSES = _ENDED | {"timeout", "timed out"}
_PROBLEMS = {
    **dict.fromkeys(("failed", "failure", "failures"), Outcome.FAILED),
    **dict.fromkeys(("error", "errors"), Outcome.ERROR),
}
_IF_TRUE = {
    **_PROBLEMS,
    **dict.fromkeys(("incomplete", *_ENDED), Outcome.ERROR),
    **dict.fromkeys(("skipped", "ignored"), Outcome.SKIPPED),
    **dict.fromkeys(("disabled", "notrun"), Outcome.NOT_RUN),
}
_IF_FALSE = {
    **dict.fromkeys(("success", "successful", "succeeded", "passed"), Outcome.FAILED),
    "executed": Outcome.NOT_RUN,
}
_FALSE = frozenset({"", "0", "false", "no", "none", "null", "off"})
_DENIALS = _FALSE - {""}
_DECLARED = frozenset({"failures", "errors"})  # a suite's usual counts, if so written


class UnknownWordError(ValueError):
    """A status is none of the known ones; the text is its word."""


@dataclass(frozen=True, slots=True)
class SuiteWords:
    """What a suite says of itself beside the usual counts.

    Attributes:
        ended: the attribute by which it did not come to its end, or empty.
        bad: the attribute by which something in it failed, or empty.
        problems: how many failures it has by an unusual name, such as `failed`.
    """

    ended: str = ""
    bad: str = ""
    problems: int = 0


def of_case(attributes: Mapping[str, str]) -> Outcome:
    """The worst of what a test case's attributes say.

    Raises:
        UnknownWordError: its `status` or `result` is not known.
    """
    worst = Outcome.PASSED
    for name, word, _ in _words(attributes):
        if name in _STRICT or name in _LOOSE:
            worst = max(worst, _status(name, word))
        elif name in _IF_TRUE and word not in _FALSE:
            worst = max(worst, _IF_TRUE[name])
        elif name in _IF_FALSE and word in _DENIALS:
            worst = max(worst, _IF_FALSE[name])
    return worst


def of_suite(attributes: Mapping[str, str]) -> SuiteWords:
    """What a suite's attributes say; numbers are counts of its tests, and no flags.

    Raises:
        UnknownWordError: its `status` or `result` is not known.
    """
    ended = bad = ""
    problems = 0
    other = {name: value for name, value in attributes.items() if name not in _DECLARED}
    for name, word, key in _words(other):
        said = f"{key:.40}={attributes[key]!r:.80}"
        if name in _STRICT or name in _LOOSE:
            if word in _ENDED_STATUSES:
                ended = said
            elif _status(name, word) in _BAD:
                bad = said
        elif name in _ENDED and word not in _FALSE:
            ended = said
        elif name in _PROBLEMS and word.isascii() and word.isdigit():
            problems = max(problems, int(word[:12]))
        elif _is_bad_flag(name, word):
            bad = said
    return SuiteWords(ended, bad, problems)


def _words(attributes: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Name, word, and the name as written, of the attributes that may say something."""
    for key, value in attributes.items():
        if key not in PLAIN:
            yield _normal(key), value.strip().lower(), key


@lru_cache(16)
def places(names: tuple[str, ...]) -> tuple[int, int, int, int, bool]:
    """Where name, class, file and time of a test stand, and whether its attributes say no more.

    Nearly all tests of a report have the same attributes.

    Args:
        names: those of its attributes, each of which is followed by its value.
    """
    at = {name: 2 * place + 1 for place, name in enumerate(names)}
    name, owner, file, time = (at.get(name, -1) for name in ("name", "classname", "file", "time"))
    return name, owner, file, time, PLAIN.issuperset(names)


@lru_cache(1024)
def _normal(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")


def _status(name: str, word: str) -> Outcome:
    if word not in STATUSES and name in _STRICT:
        raise UnknownWordError(word)
    return STATUSES.get(word, Outcome.PASSED)


def _is_bad_flag(name: str, word: str) -> bool:
    if name in _PROBLEMS:
        return word not in _FALSE
    return _IF_FALSE.get(name) in _BAD and word in _DENIALS and word != "0"
