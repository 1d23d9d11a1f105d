"""What a run of Schemathesis shows of a service, operation by operation."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from gates.domain.errors import OutputUnreadable, StageError
from gates.domain.finding import Finding, Severity
from gates.domain.metric import Direction, Examined, MetricSpec, Unit, count, ratio
from gates.domain.stage_result import StageResult, Tool
from gates.formats.counts import counted
from gates.formats.openapi_document import Document, Operation
from gates.formats.schemathesis_curl import curl_line
from gates.formats.schemathesis_events import Events, Failure, Seen
from gates.formats.schemathesis_words import NO_LIMIT, SERVER_ERROR, advice, answers_of
from gates.formats.tool_paths import some

SEVERITIES = {
    "critical": Severity.CRITICAL,
    "high": Severity.HIGH,
    "medium": Severity.MEDIUM,
    "low": Severity.LOW,
}
"""Schemathesis' own words."""

ACCEPTED = frozenset({"ST201", "ST203"})
"""Codes of invalid input that was accepted: data that the schema forbids, a header left out."""

SERVER_ERRORS = frozenset({"ST101", "ST102"})
"""Codes of answers with a status from 500 on."""

ALLOW_HEADER = "ST205"
"""Code of an `Allow` header that is not the list of the documented methods."""

CORE = (
    "not_a_server_error",
    "status_code_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
)
"""Checks without which nothing would be shown; each must have been made on each operation."""

METRICS = (
    MetricSpec(
        name="operations",
        unit=Unit.RATIO,
        direction=Direction.HIGHER,
        title="documented operations that answered a valid request with success",
        noun="operations",
    ),
    counted("failures", "ways in which an answer breaks the contract", "failures"),
    counted("accepts_invalid", "kinds of invalid input that were accepted", "failures"),
    counted("server_errors", "operations that answered with a server error", "operations"),
    MetricSpec(name="cases", unit=Unit.COUNT, direction=Direction.HIGHER, title="requests made"),
)

_OK = range(200, 400)
_MANY = 10  # one answer in so many that is 429 is told
_UNJUDGED = (0, 429)  # no answer, and that of a rate limiter
_ADVERTISED = "Undocumented methods advertised"
_NO_RULE = "not-exercised"
_VALUE = re.compile(r"^.*?(?= (?:is|are|does|has|was) )", re.DOTALL)
_REQUIRED = re.compile(r'"[^"]*" is a required property')


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What is needed to read a run.

    Attributes:
        document: the contract.
        path: of the document's file, relative to the project's folder; empty where the service
            itself gave it.
        excluded: operations that were left out, with the reason.
        tool: Schemathesis.
        clean: makes foreign text fit to be shown.
    """

    document: Document
    path: str
    excluded: Mapping[str, str]
    tool: Tool
    clean: Callable[[str], str]

    @property
    def wanted(self) -> tuple[Operation, ...]:
        """The operations that are to be tested."""
        return tuple(one for one in self.document.operations if one.label not in self.excluded)

    def refuse_empty(self) -> None:
        """Refuse a document of which nothing is to be tested.

        Raises:
            StageError: it has no operation, or all are excluded.
        """
        if not self.wanted:
            raise StageError(
                "no-operations",
                f"`{self.document.name}` documents no operation that is to be tested",
                hint="see `paths` of the document, and `exclude` of the gate",
                place=self.document.name,
            )

    def result(self, events: Events) -> StageResult:
        """Measure.

        Raises:
            StageError: no operation did what it is there for, none got invalid input though some
                take input, or a rate limiter kept an operation from being asked with it.
            OutputUnreadable: the checks that matter were not made on an operation.
        """
        self.refuse_empty()
        wanted = self.wanted
        seen = {one.label: events.seen.get(one.label, Seen()) for one in wanted}
        exercised = [one for one in wanted if _is_exercised(seen[one.label])]
        self._refuse_nothing(wanted, exercised, seen)
        _refuse_unchecked(exercised, seen)
        untried = _untried(exercised, seen)
        failures = tuple(self._findings(events, seen))
        idle = tuple(self._idle(one, seen[one.label]) for one in wanted if one not in exercised)
        return StageResult(
            metrics=(
                ratio("operations", len(exercised), len(wanted)),
                count("failures", _counted(failures, "failures")),
                count("accepts_invalid", _counted(failures, "accepts_invalid")),
                count("server_errors", _counted(failures, "server_errors")),
                count("cases", events.cases),
            ),
            examined=self._examined(exercised, seen),
            tool=replace(self.tool, version=events.version),
            findings=(*idle, *failures),
            notes=tuple(self._notes(seen, untried, failures)),
        )

    def _refuse_nothing(
        self, wanted: tuple[Operation, ...], exercised: list[Operation], seen: Mapping[str, Seen]
    ) -> None:
        if exercised:
            return
        answers: Counter[int] = sum((one.valid for one in seen.values()), Counter())
        raise StageError(
            "nothing-exercised",
            f"none of {len(wanted)} operations answered a valid request with success:"
            f" {answers_of(answers)}",
            hint=advice(answers),
            place=self.document.name,
        )

    def _findings(self, events: Events, seen: Mapping[str, Seen]) -> Iterator[Finding]:
        """One for each way in which the contract is broken, however often it was."""
        first: dict[tuple[str, ...], Failure] = {}
        for failure in events.failures:
            identity = _identity(failure)
            if identity not in first or _size(failure) < _size(first[identity]):
                first[identity] = failure
        for identity, failure in sorted(first.items(), key=lambda pair: pair[0]):
            yield self._finding(identity, failure)
        told = {failure.operation for failure in first.values() if failure.code in SERVER_ERRORS}
        for label, one in seen.items():
            statuses = Counter({k: n for k, n in one.all.items() if k >= SERVER_ERROR})
            if statuses and label not in told:
                yield self._at(
                    Finding(
                        rule="ST101",
                        severity=Severity.CRITICAL,
                        message=f"Server error: {answers_of(statuses)};"
                        " schemathesis.toml allows it",
                        counts=("failures", "server_errors"),
                        subject=label,
                    ),
                    ("ST101", label),
                )

    def _finding(self, identity: tuple[str, ...], failure: Failure) -> Finding:
        if failure.severity not in SEVERITIES:
            raise OutputUnreadable(
                "unknown-severity",
                f"severity `{self.clean(failure.severity)}` of `{failure.code}` is not known",
                place="schemathesis",
            )
        request = failure.request
        line = curl_line(request.method, request.url, request.headers, request.body)
        told = "; ".join(part for part in (failure.title, *_details(failure)) if part)
        status = f" (status {failure.status})" if failure.status else ""
        found = Finding(
            rule=failure.code,
            severity=SEVERITIES[failure.severity],
            message=self.clean(f"{told}{status}"),
            fix=self.clean(f"see it again: {line}"),
            counts=tuple(_counts(failure)),
            subject=failure.operation,
        )
        return self._at(found, identity)

    def _idle(self, operation: Operation, seen: Seen) -> Finding:
        """An operation that did not do what it is there for."""
        found = Finding(
            rule=_NO_RULE,
            severity=Severity.HIGH,
            message=f"no valid request succeeded: {answers_of(seen.valid)}; {advice(seen.valid)}",
            subject=operation.label,
        )
        return self._at(found, (_NO_RULE, operation.label))

    def _at(self, finding: Finding, identity: tuple[str, ...]) -> Finding:
        from hashlib import blake2b

        known = {one.label: one.pointer for one in self.document.operations}
        pointer = known.get(finding.subject, "/paths")
        text = "\0".join(("schemathesis", *identity)).encode("utf-8", "surrogatepass")
        return replace(
            finding,
            path=self.path,
            line=self.document.line(pointer) if self.path else 0,
            fingerprint=blake2b(text, digest_size=16).hexdigest(),
        )

    def _examined(self, exercised: list[Operation], seen: Mapping[str, Seen]) -> Examined:
        valid = sum(one.valid.total() for one in seen.values())
        invalid = sum(one.invalid.total() for one in seen.values())
        return Examined(
            count=len(exercised),
            unit="operations",
            excluded=len(self.excluded),
            details=(("valid requests", valid), ("invalid requests", invalid)),
        )

    def _notes(
        self, seen: Mapping[str, Seen], untried: list[str], failures: tuple[Finding, ...]
    ) -> Iterator[str]:
        for label, reason in self.excluded.items():
            yield f"left out: {label} ({self.clean(reason)})"
        if untried:
            yield f"no invalid request could be made for {some(untried)}"
        uncounted = sorted({one.subject for one in failures if not one.counts})
        if uncounted:
            yield (
                f"{ALLOW_HEADER} counts in no metric: `Allow` leaves out documented methods at"
                f" {some(uncounted)}, as some frameworks write it; `exclude_checks:"
                " [allow_header_conformance]` leaves the check out"
            )
        answers: Counter[int] = sum((one.all for one in seen.values()), Counter())
        if answers[429] * _MANY >= answers.total():
            yield (f"{answers[429]} of {answers.total()} answers were 429: {NO_LIMIT}")


def _is_exercised(seen: Seen) -> bool:
    return any(status in _OK for status in seen.valid)


def _takes(operation: Operation) -> bool:
    return operation.has_body or bool(operation.parameters)


def _untried(exercised: list[Operation], seen: Mapping[str, Seen]) -> list[str]:
    """Operations that take input, and to which no invalid request could be made.

    Raises:
        StageError: these are all, or a rate limiter answered most of those to another one.
    """
    takers = {one.label: seen[one.label].invalid for one in exercised if _takes(one)}
    untried = [label for label, invalid in takers.items() if not invalid]
    if untried and len(untried) == len(takers):
        raise StageError(
            "no-invalid-input",
            f"no invalid request was sent to {some(untried)}",
            hint="let the phase `coverage` run",
            place="schemathesis",
        )
    for label, invalid in takers.items():
        unjudged = sum(invalid[status] for status in _UNJUDGED)
        if 2 * unjudged > invalid.total():
            raise StageError(
                "invalid-input-not-judged",
                f"{unjudged} of {invalid.total()} invalid requests to {label} were answered 429,"
                " which does not show whether it refuses them",
                hint=f"{NO_LIMIT}, or name what must keep it in `exclude`",
                place="schemathesis",
            )
    return untried


def _is_only_unlisted(failure: Failure) -> bool:
    """Whether `Allow` leaves out documented methods, and names none that is not documented."""
    return failure.code == ALLOW_HEADER and _ADVERTISED not in failure.message


def _counts(failure: Failure) -> Iterator[str]:
    """The metrics that a failure counts in."""
    if _is_only_unlisted(failure):
        # The document says nothing of `OPTIONS`, and what it does say of these methods is tested.
        return
    yield "failures"
    if failure.code in ACCEPTED:
        yield "accepts_invalid"
    if failure.code in SERVER_ERRORS:
        yield "server_errors"


def _refuse_unchecked(exercised: list[Operation], seen: Mapping[str, Seen]) -> None:
    for operation in exercised:
        lost = [name for name in CORE if name not in seen[operation.label].checks]
        if lost:
            raise OutputUnreadable(
                "check-not-made",
                f"`{lost[0]}` was not checked on {operation.label}",
                hint="see the checks that schemathesis.toml switches off",
                place="schemathesis",
            )


def _counted(findings: tuple[Finding, ...], metric: str) -> int:
    return sum(metric in finding.counts for finding in findings)


def _identity(failure: Failure) -> tuple[str, ...]:
    """What makes two failures one: nothing in it depends on the values that were drawn."""
    lines = failure.message.splitlines()
    code = "ST101" if failure.code in SERVER_ERRORS else failure.code
    which: tuple[str, ...] = ()
    if code == "ST108":
        place = next((line for line in lines if line.startswith("Schema at ")), "")
        first = lines[0] if lines else ""
        which = (place, first if _REQUIRED.fullmatch(first) else _VALUE.sub("", first))
    elif code == "ST103":
        which = (str(failure.status),)
    elif code == ALLOW_HEADER and not _is_only_unlisted(failure):
        which = (failure.title, _ADVERTISED)
    elif code not in ACCEPTED and code != "ST101":
        which = (failure.title,)
    return (code, failure.operation, *which)


def _size(failure: Failure) -> int:
    """How much there is to read in its request; the shortest one shows a failure best."""
    return len(failure.request.url) + len(failure.request.body or b"")


def _details(failure: Failure) -> Iterator[str]:
    """The lines of a message up to its first blank one, and the place in the schema."""
    lines = failure.message.strip().splitlines()
    end = lines.index("") if "" in lines else len(lines)
    yield from (line.strip() for line in lines[:end] if not line.startswith("Expected: "))
    yield from (line.rstrip(":") for line in lines[end:] if line.startswith("Schema at "))
