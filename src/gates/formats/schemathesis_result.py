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
_SERVER_ERROR = 500
_MANY = 10  # one answer in so many that is 429 is told
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

    def result(self, events: Events) -> StageResult:
        """Measure.

        Raises:
            StageError: no operation did what it is there for, or none got invalid input though
                some take input.
            OutputUnreadable: the checks that matter were not made on an operation.
        """
        wanted = [one for one in self.document.operations if one.label not in self.excluded]
        seen = {one.label: events.seen.get(one.label, Seen()) for one in wanted}
        exercised = [one for one in wanted if _is_exercised(seen[one.label])]
        self._refuse_nothing(wanted, exercised, seen)
        _refuse_unchecked(exercised, seen)
        untried = [one.label for one in exercised if _takes(one) and not seen[one.label].invalid]
        if untried and len(untried) == sum(_takes(one) for one in exercised):
            raise StageError(
                "no-invalid-input",
                f"no invalid request was sent to {some(untried)}",
                hint="let the phase `coverage` run",
                place="schemathesis",
            )
        failures = tuple(self._findings(events, seen))
        idle = tuple(self._idle(one, seen[one.label]) for one in wanted if one not in exercised)
        return StageResult(
            metrics=(
                ratio("operations", len(exercised), len(wanted)),
                count("failures", len(failures)),
                count("accepts_invalid", _counted(failures, "accepts_invalid")),
                count("server_errors", _counted(failures, "server_errors")),
                count("cases", events.cases),
            ),
            examined=self._examined(exercised, seen),
            tool=replace(self.tool, version=events.version),
            findings=(*idle, *failures),
            notes=tuple(self._notes(seen, untried)),
        )

    def _refuse_nothing(
        self, wanted: list[Operation], exercised: list[Operation], seen: Mapping[str, Seen]
    ) -> None:
        if not wanted:
            raise StageError(
                "no-operations",
                f"`{self.document.name}` documents no operation that is to be tested",
                hint="see `paths` of the document, and `exclude` of the gate",
                place=self.document.name,
            )
        if exercised:
            return
        answers: Counter[int] = sum((one.valid for one in seen.values()), Counter())
        raise StageError(
            "nothing-exercised",
            f"none of {len(wanted)} operations answered a valid request with success:"
            f" {_answers(answers)}",
            hint=_advice(answers),
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
            statuses = Counter({k: n for k, n in one.all.items() if k >= _SERVER_ERROR})
            if statuses and label not in told:
                yield self._at(
                    Finding(
                        rule="ST101",
                        severity=Severity.CRITICAL,
                        message=f"Server error: {_answers(statuses)}; schemathesis.toml allows it",
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
        counts = ["failures"]
        counts += ["accepts_invalid"] if failure.code in ACCEPTED else []
        counts += ["server_errors"] if failure.code in SERVER_ERRORS else []
        request = failure.request
        line = curl_line(request.method, request.url, request.headers, request.body)
        told = "; ".join(part for part in (failure.title, *_details(failure)) if part)
        status = f" (status {failure.status})" if failure.status else ""
        found = Finding(
            rule=failure.code,
            severity=SEVERITIES[failure.severity],
            message=self.clean(f"{told}{status}"),
            fix=self.clean(f"see it again: {line}"),
            counts=tuple(counts),
            subject=failure.operation,
        )
        return self._at(found, identity)

    def _idle(self, operation: Operation, seen: Seen) -> Finding:
        """An operation that did not do what it is there for."""
        hint = _advice(seen.valid)
        found = Finding(
            rule=_NO_RULE,
            severity=Severity.HIGH,
            message=f"no valid request succeeded: {_answers(seen.valid)}; {hint}",
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

    def _notes(self, seen: Mapping[str, Seen], untried: list[str]) -> Iterator[str]:
        for label, reason in self.excluded.items():
            yield f"left out: {label} ({self.clean(reason)})"
        if untried:
            yield f"no invalid request could be made for {some(untried)}"
        answers: Counter[int] = sum((one.all for one in seen.values()), Counter())
        if answers[429] * _MANY >= answers.total():
            yield (
                f"{answers[429]} of {answers.total()} answers were 429:"
                " lift the rate limiter for this gate with `env:`"
            )


def _is_exercised(seen: Seen) -> bool:
    return any(status in _OK for status in seen.valid)


def _takes(operation: Operation) -> bool:
    return operation.has_body or bool(operation.parameters)


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


def _answers(statuses: Counter[int]) -> str:
    """`61 answers were 401, 2 were 404`."""
    if not statuses:
        return "no request reached it"
    most = statuses.most_common(3)
    parts = [f"{number} {'was' if number == 1 else 'were'} {status}" for status, number in most]
    return f"of {statuses.total()} answers {', '.join(parts)}"


def _advice(statuses: Counter[int]) -> str:
    """The next step for whoever reads that no request succeeded."""
    status = statuses.most_common(1)[0][0] if statuses else 0
    if status in {401, 403}:
        return "give credentials: `headers` of the gate, or `[auth]` of schemathesis.toml"
    if status == 429:  # noqa: PLR2004
        return "lift the rate limiter for this gate with `env:`"
    if status in {404, 405}:
        return (
            "see that `servers` of the document has the path below which the service answers, and"
            " give examples of parameters that exist"
        )
    if status >= _SERVER_ERROR:
        return "see the log of the service"
    return "give examples in the document that the service accepts, or name it under `exclude`"
