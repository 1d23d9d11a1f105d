"""The badge: an SVG picture of the verdict, or of one metric, for a page that shows how it stands.

It needs nothing from elsewhere, and tells a screen reader what it shows. Green is claimed by a run
that passed, and by a metric whose gate passed in a run that did not end partial, pending or
errored; white letters stand on each colour with a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from unicodedata import east_asian_width
from xml.sax.saxutils import escape, quoteattr

from gates.domain.condition import Role, subject
from gates.domain.errors import ConfigError, Problem
from gates.domain.judge import Reading
from gates.domain.rollup import RollUp
from gates.domain.run import GateRun, Run
from gates.domain.status import Status, Verdict, verdict_of_gate
from gates.domain.units import show_metric
from gates.reports import told
from gates.reports.junit import clean

GREEN, RED, VIOLET, BROWN, GREY = "#2d7a3e", "#b3261e", "#7b2d8b", "#8a5a00", "#5c6370"
LABEL_COLOUR = "#3a3f47"

VERDICT_COLOUR: Mapping[Verdict, str] = {
    Verdict.PASSED: GREEN,
    Verdict.PARTIAL: GREY,
    Verdict.PENDING: BROWN,
    Verdict.ERRORED: VIOLET,
    Verdict.FAILED: RED,
}
"""Each verdict has a colour of its own, beside its word."""

_LONGEST = 60
_WIDE, _NARROW, _SLIM = 12.0, 7.0, 4.0
_SLIM_SIGNS = frozenset("ijlt.,:;!|'()[]fI1 ")
_PAD = 8
_HEIGHT = 20


def report(run: Run | RollUp, *, metric: str = "", label: str = "") -> str:
    """The badge as SVG text that ends with a line break.

    Args:
        run: what it tells of.
        metric: `GATE/METRIC`, in a roll-up `PATH:GATE/METRIC`; empty for the verdict.
        label: what stands on its left; by default the level, or the metric.

    Raises:
        ConfigError: where the run holds no such gate or metric.
    """
    if not metric:
        words, colour = run.verdict.value, VERDICT_COLOUR[run.verdict]
        if not run.complete:
            words, colour = f"{words}, interrupted", GREY if colour == GREEN else colour
        return _svg(label or f"gates level {run.level}", words, colour)
    whole, gate, name = _found(run, metric)
    value, colour = _metric(whole, gate, name)
    return _svg(label or f"{gate.name} {name}", value, colour)


def _found(run: Run | RollUp, metric: str) -> tuple[Run, GateRun, str]:
    """The gate that a metric is of, its run, and the metric's name with its tags."""
    known: list[str] = []
    for whole, gate, prefix in _gates(run):
        own = f"{prefix}{gate.name}/"
        names = dict.fromkeys(
            (*_readings(gate), *(c.condition.subject for c in gate.judged.checks))
        )
        if metric.startswith(own) and metric.removeprefix(own) in names:
            return whole, gate, metric.removeprefix(own)
        if metric.startswith(own) and not names:
            return whole, gate, metric.removeprefix(own)  # it could not be measured, and says so
        known += [f"{own}{name}" for name in names]
    from gates.formats.nearest import nearest

    guess = nearest(metric, known)
    hint = f"did you mean `{guess}`?" if guess else "write GATE/METRIC as `gates explain GATE` does"
    raise ConfigError(Problem("unknown-metric", f"the run holds no metric `{metric}`", hint=hint))


def _gates(run: Run | RollUp) -> Iterator[tuple[Run, GateRun, str]]:
    if isinstance(run, Run):
        yield from ((run, gate, "") for gate in run.gates)
        return
    for project in run.projects:
        if project.run is not None:
            yield from ((project.run, gate, f"{project.path}:") for gate in project.run.gates)


def _readings(gate: GateRun) -> dict[str, Reading]:
    return {subject(each.metric.name, each.metric.tags): each for each in gate.judged.readings}


def _metric(run: Run, gate: GateRun, name: str) -> tuple[str, str]:
    """A metric's value in words, and the colour of what became of its conditions."""
    checks = [each for each in gate.judged.checks if each.condition.subject == name]
    deciding = [each for each in checks if each.condition.role is Role.REQUIRE]
    reading = _readings(gate).get(name)
    if reading is None:
        return gate.status.value, VERDICT_COLOUR[_weight(gate.status, gate.plan.level)]
    limit = next((each.condition.known_limit for each in deciding), None)
    value = show_metric(reading.metric, reading.unit, limit)
    worst = next((each for each in deciding if each.status not in told.GOOD), None)
    if worst is not None:
        word = "" if worst.status is Status.FAILED else f", {worst.status.value}"
        return f"{value}{word}", VERDICT_COLOUR[_weight(worst.status, gate.plan.level)]
    is_sound = run.complete and run.verdict in {Verdict.PASSED, Verdict.FAILED}
    is_green = bool(deciding) and gate.status in told.GOOD and is_sound
    return value, GREEN if is_green else GREY


def _weight(status: Status, level: int) -> Verdict:
    """What a status means for a picture, where only what passed outright is green."""
    verdict = verdict_of_gate(status, level)
    return Verdict.PARTIAL if verdict is Verdict.PASSED and status not in told.GOOD else verdict


def _svg(label: str, value: str, colour: str) -> str:
    left, right = _fit(label) or "gates", _fit(value) or "?"
    widths = [round(_width(text)) + 2 * _PAD for text in (left, right)]
    title, whole = f"{left}: {right}", sum(widths)
    texts = "".join(
        f'<text x="{x:g}" y="14" textLength="{width - 2 * _PAD}">{escape(text)}</text>'
        for text, x, width in (
            (left, widths[0] / 2, widths[0]),
            (right, widths[0] + widths[1] / 2, widths[1]),
        )
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="{_HEIGHT}"'
        f' viewBox="0 0 {whole} {_HEIGHT}" role="img" aria-label={quoteattr(title)}>\n'
        f"<title>{escape(title)}</title>\n"
        f'<rect width="{whole}" height="{_HEIGHT}" rx="3" fill="{LABEL_COLOUR}"/>\n'
        f'<path d="M{widths[0]} 0h{widths[1] - 3}a3 3 0 0 1 3 3v{_HEIGHT - 6}'
        f'a3 3 0 0 1-3 3h-{widths[1] - 3}z" fill="{colour}"/>\n'
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif"'
        f' font-size="11">{texts}</g>\n</svg>\n'
    )


def _fit(text: str) -> str:
    safe = clean(text)
    return safe if len(safe) <= _LONGEST else f"{safe[: _LONGEST - 1]}…"


def _width(text: str) -> float:
    """About the width of a text in 11-pixel Verdana; the picture then sets it to just that."""
    return sum(
        _WIDE if east_asian_width(sign) in "WF" else _SLIM if sign in _SLIM_SIGNS else _NARROW
        for sign in text
    )
