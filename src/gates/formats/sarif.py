"""SARIF 2.1.0 (OASIS standard, errata 01): what a tool for static analysis found, and where.

What counts: a result whose `kind` is `fail`, that is not gone since the baseline (`absent`), and
that no accepted suppression takes away. A suppression counts where its status is absent or
`accepted`; beside one that is rejected or under review none counts. A result that claims another
kind and still has a level is a contradiction, as section 3.27.10 has it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable
from gates.domain.finding import Severity, Span
from gates.formats import sarif_text, strict_json
from gates.formats.sarif_components import level_of, text_of
from gates.formats.sarif_places import Places
from gates.formats.sarif_proof import Ended, refuse_elsewhere, refuse_unchecked
from gates.formats.sarif_rules import Rules
from gates.formats.strict_json import Value

VERSION = "2.1.0"

MAX_BYTES = 128 * 1024 * 1024
"""A larger report is refused; 100,000 results take about 44 MB."""

FAIL = "fail"

KINDS = frozenset({FAIL, "pass", "open", "review", "notApplicable", "informational"})

UNDECIDED = frozenset({"open", "review"})
"""Kinds of results that the tool leaves for people to decide."""

STATES = {"absent": False, "new": True, "unchanged": True, "updated": True}
"""States since a baseline, and whether such a result is there still."""

STATUSES = {"accepted": True, "rejected": False, "underReview": False}
"""Statuses of a suppression, and whether it counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One thing that the tool found.

    Attributes:
        rule: id of the rule; `no-rule` where the tool names none.
        severity: see `sarif_rules`.
        message: what the tool says, placeholders filled in.
        path: as `relative` has made it; empty where there is none.
        line: 1-based; 0 where unknown.
        column: 1-based; 0 where unknown.
        end_line: 0 where unknown, or where it is `line`.
        also: further places in files.
        cwe: numbers of weaknesses, of the rule and of the result.
        subject: a web address or a name in the code, where it is about no file.
        fix: what the tool would do, or empty.
        is_suppressed: by comments or by people's decision, so that it does not count.
    """

    rule: str
    severity: Severity
    message: str
    path: str
    line: int
    column: int
    end_line: int
    also: tuple[Span, ...]
    cwe: tuple[int, ...]
    subject: str
    fix: str
    is_suppressed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of one tool.

    Attributes:
        tool: its name.
        version: of the tool; empty where it is not told.
        guid: identity of the run, or empty.
        results: what counts, and what is suppressed.
        undecided: how many results the tool leaves for people to decide; they are no findings.
        targets: files that are told to have been analysed.
        listed: files that are named, whatever for; those of `targets` too.
        ended: what is told of the end of the run.
    """

    tool: str
    version: str
    guid: str
    results: tuple[Result, ...]
    undecided: int
    targets: frozenset[str]
    listed: frozenset[str]
    ended: Ended


def read(data: bytes, *, what: str, relative: Callable[[str], str]) -> tuple[Run, ...]:
    """Read a report; the results of all its runs are whole.

    Args:
        data: the file.
        what: its name, in errors.
        relative: makes a path relative to the project.

    Raises:
        OutputUnreadable: no SARIF 2.1.0, or not of one piece: a rule, a file or a base is named
            that is not there, or two places of it contradict each other.
        StageError: it says itself that not all was checked, or leaves results to other files.
    """
    document = strict_json.read(data, what=what, max_bytes=MAX_BYTES)
    version = document.member("version")
    if version.text() != VERSION:
        raise version.unreadable(f"is `{version.text()}`; {VERSION} is read", slug="sarif-version")
    refuse_elsewhere(document, "inlineExternalProperties")
    runs = document.find("runs")
    if runs is None or not runs.array():
        raise OutputUnreadable(
            "not-checked",
            "the report holds no run, so nothing was checked",
            hint="see why the tool did not end by itself",
            place=what,
        )
    return tuple(_run(run, relative) for run in runs.items())


def _run(run: Value, relative: Callable[[str], str]) -> Run:
    ended = refuse_unchecked(run)
    driver = run.member("tool", "driver")
    places = Places(run, relative)
    reader = _Reader(Rules(run), places)
    results = tuple(
        result for entry in run.member("results").items() if (result := reader.result(entry))
    )
    return Run(
        tool=driver.member("name").text(),
        version=text_of(driver, "semanticVersion") or text_of(driver, "version"),
        guid=text_of(run.find("automationDetails"), "guid").lower(),
        results=results,
        undecided=reader.undecided,
        targets=places.targets(),
        listed=places.listed(),
        ended=ended,
    )


class _Reader:
    """Reads the results of one run."""

    def __init__(self, rules: Rules, places: Places) -> None:
        self.undecided = 0
        self._rules = rules
        self._places = places

    def result(self, entry: Value) -> Result | None:
        """The result where it counts or is suppressed, else None."""
        kind = _word(entry, "kind", KINDS) or FAIL
        # Each is read, whatever the others say: an unknown word is an error in any case.
        is_there = STATES[_word(entry, "baselineState", STATES) or "new"]
        is_suppressed = _is_suppressed(entry)
        if kind != FAIL:
            _refuse_level(entry, kind)
            self.undecided += kind in UNDECIDED and is_there and not is_suppressed
            return None
        if not is_there:
            return None
        return self._found(entry, is_suppressed=is_suppressed)

    def _found(self, entry: Value, *, is_suppressed: bool) -> Result:
        rule = self._rules.of(entry)
        place, *others = self._places.of(entry)
        return Result(
            rule=rule.id,
            severity=self._rules.severity(entry, rule),
            message=sarif_text.message(entry, rule.messages, self._rules.messages),
            path=place.path,
            line=place.line,
            column=place.column,
            end_line=place.end_line,
            also=tuple(
                Span(path=other.path, line=other.line, end_line=other.end_line)
                for other in others
                if other.path
            ),
            cwe=self._rules.cwe(entry, rule),
            subject=place.subject,
            fix=_fix(entry),
            is_suppressed=is_suppressed,
        )


def _is_suppressed(entry: Value) -> bool:
    listed = entry.find("suppressions")
    if listed is None:
        return False
    counts = []
    for each in listed.items():
        _word(each, "kind", {"inSource", "external"})
        counts.append(STATUSES[_word(each, "status", STATUSES) or "accepted"])
    return bool(counts) and all(counts)


def _refuse_level(entry: Value, kind: str) -> None:
    level = level_of(entry)
    if level not in {"", "none"}:
        problem = f"is of kind `{kind}` and of level `{level}`, and only `{FAIL}` may have one"
        raise entry.unreadable(problem, slug="contradiction")


def _word(entry: Value, key: str, known: Collection[str]) -> str:
    """A word of a closed list, or empty where it is absent."""
    found = entry.find(key)
    if found is None:
        return ""
    if found.text() not in known:
        raise found.unreadable(f"is `{found.text()}`, which is unknown", slug="sarif-word")
    return found.text()


def _fix(entry: Value) -> str:
    """What the first fix says of itself, or empty."""
    fixes = entry.find("fixes")
    first = next(fixes.items(), None) if fixes is not None else None
    return text_of(first.find("description"), "text") if first is not None else ""
