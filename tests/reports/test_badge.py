from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reports.hostile import ATTACKS, infested
from reports.rollups import sample_rollup
from reports.runs import gate_runs, sample_run, undecided

from gates.domain.errors import ConfigError
from gates.domain.rollup import RollUp
from gates.domain.run import Run
from gates.domain.status import Status, Verdict
from gates.reports import badge
from gates.reports.badge import BROWN, GREEN, GREY, RED, VIOLET, report

LINT, COVERAGE, SAST, AUDIT, LATER = gate_runs()
SVG = "{http://www.w3.org/2000/svg}"


def shown(text: str) -> tuple[str, str, str]:
    """Label, value and colour of a badge, which tells them to a screen reader too."""
    top = ET.fromstring(text)  # noqa: S314 - it is our own
    assert top.get("role") == "img"
    label, value = (each.text or "" for each in top.iter(f"{SVG}text"))
    title = top.findtext(f"{SVG}title")
    assert title == top.get("aria-label") == f"{label}: {value}"
    path = top.find(f"{SVG}path")
    assert path is not None
    assert not re.search("href|url\\(|<script|<image|<style", text)
    return label, value, path.get("fill") or ""


def of(run: Run | RollUp, metric: str = "") -> tuple[str, str]:
    return shown(report(run, metric=metric))[1:]


@pytest.mark.parametrize(
    ("verdict", "colour"),
    [
        (Verdict.PASSED, GREEN),
        (Verdict.PARTIAL, GREY),
        (Verdict.PENDING, BROWN),
        (Verdict.ERRORED, VIOLET),
        (Verdict.FAILED, RED),
    ],
)
def test_each_verdict_has_its_word_and_colour(verdict: Verdict, colour: str) -> None:
    for run in (sample_run(), sample_rollup()):
        made = replace(run, verdict=verdict)
        assert shown(report(made)) == ("gates level 1", verdict.value, colour)


def test_an_interrupted_run_says_so() -> None:
    run = replace(sample_run(LINT), verdict=Verdict.ERRORED, complete=False)
    assert of(run) == ("errored, interrupted", VIOLET)
    assert of(replace(run, verdict=Verdict.PASSED)) == ("passed, interrupted", GREY)


def test_a_metric_shows_what_became_of_its_conditions() -> None:
    assert shown(report(sample_run(COVERAGE), metric="coverage/line")) == (
        "coverage line",
        "89.5 %",
        RED,
    )
    assert of(sample_run(LINT), "lint/errors") == ("0", GREEN)
    assert of(sample_run(LINT, COVERAGE), "lint/errors") == ("0", GREEN)
    assert of(sample_run(SAST), "sast/errors") == ("0", GREY)
    assert of(sample_run(COVERAGE), "coverage/errors") == ("2", GREY)
    assert of(sample_run(COVERAGE), "coverage/changed_line") == ("failed", RED)


@pytest.mark.parametrize("verdict", [Verdict.PARTIAL, Verdict.PENDING, Verdict.ERRORED])
def test_green_is_not_claimed_in_a_run_that_did_not_come_through(verdict: Verdict) -> None:
    run = replace(sample_run(LINT), verdict=verdict)
    assert of(run, "lint/errors") == ("0", GREY)
    assert of(replace(sample_run(LINT), complete=False), "lint/errors") == ("0", GREY)


def test_what_was_not_measured_or_is_open_is_never_green() -> None:
    assert of(sample_run(AUDIT, LINT), "audit/critical") == ("errored", VIOLET)
    assert of(sample_run(LATER, LINT), "later/x") == ("skipped", GREY)
    value, colour = of(sample_run(undecided(), LINT), "load/line")
    assert (value, colour) == ("91 %, inconclusive", VIOLET)
    first = replace(undecided(), plan=replace(undecided().plan, level=1))
    assert of(sample_run(first, LINT), "load/line")[1] == GREY


def test_what_is_waived_says_so() -> None:
    checks = (replace(COVERAGE.judged.checks[0], status=Status.WAIVED),)
    judged = replace(COVERAGE.judged, status=Status.WAIVED, checks=checks)
    run = sample_run(replace(COVERAGE, judged=judged))
    assert of(run, "coverage/line") == ("89.5 %, waived", GREY)


@pytest.mark.parametrize("metric", ["lint/none", "none/errors", "lint", "/", "coverage/lines"])
def test_a_metric_that_is_none_is_refused(metric: str) -> None:
    with pytest.raises(ConfigError) as refused:
        report(sample_run(), metric=metric)
    assert refused.value.problems[0].slug == "unknown-metric"
    assert refused.value.problems[0].hint


def test_a_guess_is_offered() -> None:
    with pytest.raises(ConfigError) as refused:
        report(sample_run(), metric="coverage/lines")
    assert refused.value.problems[0].hint == "did you mean `coverage/line`?"


def test_a_metric_of_a_project() -> None:
    assert of(sample_rollup(), "services/api:coverage/line") == ("89.5 %", RED)
    with pytest.raises(ConfigError):
        report(sample_rollup(), metric="coverage/line")


def test_a_label_of_ones_own_is_cut() -> None:
    assert shown(report(sample_run(), label="a <b> & \"c\" 'd'"))[0] == "a <b> & \"c\" 'd'"
    assert shown(report(sample_run(), label="x" * 500))[0] == "x" * 59 + "…"
    wide = report(sample_run(), label="漢字")
    assert 'textLength="24"' in wide


@pytest.mark.parametrize("colour", [GREEN, RED, VIOLET, BROWN, GREY, badge.LABEL_COLOUR])
def test_white_letters_can_be_read_on_each_colour(colour: str) -> None:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    luminance = sum(a * b for a, b in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))
    assert 1.05 / (luminance + 0.05) >= 4.5


@pytest.mark.parametrize("text", ATTACKS)
def test_a_hostile_label_or_record_is_a_picture(text: str) -> None:
    assert shown(report(sample_run(), label=text))
    run = infested(text)
    gate = run.gates[1]
    for check in gate.judged.checks:
        assert shown(report(run, metric=f"{gate.name}/{check.condition.subject}"))


@settings(max_examples=80)
@given(st.text(max_size=80))
def test_any_label_is_a_picture(text: str) -> None:
    shown(report(sample_run(), label=text))
