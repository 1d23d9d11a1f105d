"""`logs`: every line of a service's log is structured, in UTC, and leaks nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from gates.domain.owasp import Category
from gates.formats import log_leaks, log_lines
from gates.formats.log_leaks import Leaks
from gates.formats.log_lines import Keys, Place, Tally
from gates.plugin import (
    IN_CI,
    Context,
    Default,
    Direction,
    Examined,
    Finding,
    MetricSpec,
    Options,
    Severity,
    Stage,
    StageError,
    StageResult,
    Tool,
    Unit,
    Wants,
    count,
    ratio,
)
from gates.plugin.traces import trace_of
from gates.toolkit.files import read_report

SEVERITIES = {
    log_lines.NOT_JSON: Severity.MEDIUM,
    log_lines.NO_TIME: Severity.MEDIUM,
    log_lines.NOT_UTC: Severity.MEDIUM,
    log_lines.NO_LEVEL: Severity.MEDIUM,
    log_lines.NO_MESSAGE: Severity.MEDIUM,
    log_lines.NO_CORRELATION: Severity.MEDIUM,
    log_leaks.EMAIL: Severity.HIGH,
    log_leaks.PHONE: Severity.HIGH,
    log_leaks.IBAN: Severity.HIGH,
    log_leaks.CARD: Severity.CRITICAL,
    log_leaks.TOKEN: Severity.CRITICAL,
    log_leaks.SECRET_KEY: Severity.CRITICAL,
    log_leaks.MADE_UP: Severity.HIGH,
}
LACKS = {
    log_lines.NOT_JSON: "no JSON object",
    log_lines.NO_TIME: "no date and time (RFC 3339)",
    log_lines.NOT_UTC: "a time that is not in UTC (`Z` or `+00:00`)",
    log_lines.NO_LEVEL: "no level",
    log_lines.NO_MESSAGE: "no message",
    log_lines.NO_CORRELATION: "no correlation id",
}
MAX_BYTES = 256 * 1024 * 1024
CANARY = "an e-mail address, a phone, account and card number and a token, each found"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogsOptions(Options):
    """Options of `logs`."""

    gate: str = field(default="", metadata={"help": "the gate while which the lines were written"})
    time: tuple[str, ...] = field(
        default=("timestamp", "time", "ts", "@timestamp"),
        metadata={"help": "names of the member that tells the time", "or_text": True},
    )
    level: tuple[str, ...] = field(
        default=("level", "severity", "levelname", "log.level"),
        metadata={"help": "names of the member that tells the level", "or_text": True},
    )
    message: tuple[str, ...] = field(
        default=("message", "msg", "event"),
        metadata={"help": "names of the member that tells the message", "or_text": True},
    )
    correlation: tuple[str, ...] = field(
        default=("correlation_id", "request_id", "trace_id", "correlationId", "requestId"),
        metadata={
            "help": "names of the member that joins the lines of one request; an empty list asks"
            " for none",
            "or_text": True,
        },
    )
    allow: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "patterns of texts that are no leak, as in `*@shop.example`",
            "stricter": "fewer",
        },
    )
    never: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "texts that must not be in the log: passwords and names that the needed gate"
            " makes up",
            "stricter": "more",
        },
    )


class Logs(Stage[LogsOptions]):
    """Look at every line that the service wrote while another gate measured."""

    uses = "logs"
    title = "structured logs without leaks"
    options_type = LogsOptions
    metrics = (
        MetricSpec(
            name="lines",
            unit=Unit.COUNT,
            direction=Direction.HIGHER,
            title="lines of the log",
            noun="lines",
        ),
        MetricSpec(
            name="structured",
            unit=Unit.RATIO,
            direction=Direction.HIGHER,
            title="lines that are JSON with time in UTC, level, message and correlation id",
            noun="structured lines",
        ),
        MetricSpec(
            name="leaks",
            unit=Unit.COUNT,
            direction=Direction.LOWER,
            title="places with a secret or personal data in clear",
            noun="places",
        ),
    )
    defaults = (Default(text="structured == 100%"), Default(text="leaks == 0"))
    criteria = ("L3-LOGS",)
    examines = "lines"
    when = IN_CI
    errored_when = (
        "the service wrote no line while the needed gate measured",
        "the needed gate names no service, or it could not measure",
        "`allow` covers a planted secret or address, so that it would cover any",
    )
    tells_findings = False

    def check(self) -> None:
        """Refuse a gate that names no other, and lists that ask for nothing.

        Raises:
            ValueError: with one line that says why.
        """
        own = self.options
        if not own.gate:
            raise ValueError("`gate` names the gate while which the service logs: add it")
        for name, keys in (("time", own.time), ("level", own.level), ("message", own.message)):
            if not keys:
                raise ValueError(f"`{name}` names no member of a line")
        if any(len(text) < 4 for text in own.never):  # noqa: PLR2004 - shorter ones are anywhere
            raise ValueError("`never` holds texts of at least 4 characters")

    def wants(self) -> Wants | None:
        """The gate while which the service wrote."""
        return Wants(uses=(), ask="logs", option="gate")

    def run(self, ctx: Context) -> StageResult:
        """Look at what the service wrote meanwhile."""
        trace = trace_of(ctx, self.options.gate)
        logs = [
            (path.name, read_report(path, max_bytes=MAX_BYTES).data)
            for path in trace.logs
            if _size(path)
        ]
        own = self.options
        keys = Keys(
            time=own.time, level=own.level, message=own.message, correlation=own.correlation
        )
        result, notes = parse(logs, keys, Leaks(own.allow, own.never), ctx.today)
        for note in notes:
            ctx.note(ctx.clean(note))
        return result


def parse(
    logs: list[tuple[str, bytes]], keys: Keys, leaks: Leaks, today: date
) -> tuple[StageResult, tuple[str, ...]]:
    """Look at each line of logs.

    Args:
        logs: name and bytes of each.
        keys: where a line tells what it must.
        leaks: what may not stand in clear.
        today: the day (UTC) on which they were written.

    Returns:
        What was measured, and what every output must repeat.

    Raises:
        StageError: there is no line, or a planted leak is allowed.
    """
    blind = log_leaks.blind(leaks)
    if blind:
        words = ", ".join(log_leaks.WORDS[rule] for rule in blind)
        raise StageError(
            "canary-missed", f"`allow` covers what was planted: {words}", hint="allow less"
        )
    tallies = [(name, log_lines.tally(data, keys, leaks, today)) for name, data in logs]
    lines = sum(each.lines for _, each in tallies)
    if not lines:
        raise StageError(
            "nothing-logged",
            "the service wrote no line meanwhile",
            hint="let it log to its standard output, one line for each request at least",
        )
    if not any(each.joined for _, each in tallies):
        _count_out(each for _, each in tallies)
    findings = tuple(finding for name, each in tallies for finding in _findings(name, each))
    result = StageResult(
        metrics=(
            count("lines", lines),
            ratio("structured", sum(each.structured for _, each in tallies), lines),
            count("leaks", sum(bool(finding.counts) for finding in findings)),
        ),
        examined=Examined(count=lines, unit="lines"),
        tool=Tool(name="logs", version="", how="read line by line"),
        findings=findings,
        canary=CANARY,
    )
    return result, tuple(_odd([each for _, each in tallies]))


def _count_out(tallies: Iterable[Tally]) -> None:
    """Where no line at all has an id that tells something, a mere `-` is none."""
    for each in tallies:
        each.structured -= len(each.unjoined)
        for at in each.unjoined:
            each.put(log_lines.NO_CORRELATION, "", "", at)
        each.unjoined.clear()


def _odd(tallies: Sequence[Tally]) -> Iterator[str]:
    """What is odd about lines that lack nothing."""
    unjoined = sum(len(each.unjoined) for each in tallies)
    if unjoined:
        yield f"the correlation id of {unjoined} {_lines(unjoined)} is a mere `-`: it joins nothing"
    levels = _sums([each.odd_levels for each in tallies])
    if levels:
        count = sum(levels.values())
        yield f"the level of {count} {_lines(count)} is none that is known, as `{min(levels)[:40]}`"
    days = _sums([each.other_days for each in tallies])
    if days:
        count = sum(days.values())
        yield f"the time of {count} {_lines(count)} is of a day without a measurement, {min(days)}"


def _sums(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for each in counts:
        for name, more in each.items():
            sums[name] = sums.get(name, 0) + more
    return sums


def _lines(count: int) -> str:
    return "line" if count == 1 else "lines"


def _findings(name: str, seen: Tally) -> list[Finding]:
    return [_finding(name, place) for place in seen.places.values()]


def _finding(name: str, place: Place) -> Finding:
    from hashlib import blake2b

    is_leak = place.rule in log_leaks.WORDS
    where = f" in `{place.pointer}`" if place.pointer else ""
    shown = f" (`{place.shown}`)" if place.shown else ""
    what = log_leaks.WORDS[place.rule] + " in clear" if is_leak else LACKS[place.rule]
    more = f", and {place.lines - 1} more lines" if place.lines > 1 else ""
    identity = f"{place.rule}\0{name}\0{place.pointer}".encode("utf-8", "surrogatepass")
    return Finding(
        rule=place.rule,
        severity=SEVERITIES[place.rule],
        message=f"{what}{shown}{where}, line {place.first}{more}",
        path=name,
        line=place.first,
        counts=("leaks",) if is_leak else (),
        owasp=Category.A09.value if is_leak else "",
        cwe=(532,) if is_leak else (),
        fingerprint=blake2b(identity, digest_size=16).hexdigest(),
    )


def _size(path: Path) -> int:
    """Its size; a stream to which nothing was written is no log that is missing."""
    try:
        return path.stat().st_size
    except OSError as error:
        raise StageError("log-gone", f"the log `{path.name}` is gone", place=str(path)) from error
