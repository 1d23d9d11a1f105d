from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from gates.domain.errors import Problem
from gates.domain.plan import Plan

LoadText = Callable[[str], Plan]
Lines = Callable[[str], list[str]]
Refuse = Callable[[str], tuple[Problem, ...]]


def _file(gate: str, services: str = "{db: {run: d}, api: {run: s, needs: db}}") -> str:
    return f"version: 1\nservices: {services}\nlevels:\n  1:\n    gates:\n      it: {gate}\n"


def test_a_gate_names_its_service(load_text: LoadText) -> None:
    gate = load_text(_file("{uses: ruff, service: api, env: {A: '{url} {db.port} {api.dir}'}}"))
    assert gate.gate("it").service == "api"
    assert gate.gate("it").env == (("A", "{url} {db.port} {api.dir}"),)


def test_a_stage_that_needs_a_service(load_text: LoadText, lines: Lines, refuse: Refuse) -> None:
    assert load_text(_file("{uses: asking, service: db}")).gate("it").service == "db"
    text = _file("asking")
    assert lines(text) == ["6:7 missing-key: gate `it` does not say which service it measures"]
    (problem,) = refuse(text)
    assert problem.hint == "name one with `service:`; services: api, db"
    (problem,) = refuse(_file("asking", "{}"))
    assert "services: {api: {run: ...}}" in problem.hint
    assert load_text(_file("{uses: asking, with: {report: a.json}}")).gate("it").service == ""


def test_an_unknown_service(refuse: Refuse) -> None:
    (problem,) = refuse(_file("{uses: asking, service: apo}"))
    assert problem.summary == "no service is named `apo`"
    assert problem.hint == "did you mean `api`? services: api, db"


def test_a_service_that_cannot_be_read_is_not_unknown(lines: Lines) -> None:
    found = lines(_file("{uses: asking, service: api, env: {A: '{url}'}}", "{api: {rn: s}}"))
    assert [line.partition(" ")[2] for line in found] == [
        "missing-key: service `api` has neither `run` nor `url`",
        "unknown-key: unknown key `rn`",
    ]


def test_a_name_of_another_kind_is_told_once(lines: Lines) -> None:
    assert lines(_file("{uses: asking, service: [api]}")) == [
        "6:35 bad-value: `service` should be text, not a list"
    ]


def test_a_report_was_measured_elsewhere(lines: Lines) -> None:
    assert lines(_file("{uses: asking, service: api, with: {report: a.json}}")) == [
        "6:26 service-unused: gate `it` judges a report, which was measured elsewhere"
    ]


@pytest.mark.parametrize(
    ("service", "text", "shown", "hint"),
    [
        ("service: api, ", "{prt}", "{prt}", "known are"),
        ("service: db, ", "{api.port}", "{api.port}", "let `db` need `api`"),
        ("service: db, ", "{apo.port}", "{apo.port}", "did you mean `api`?"),
        ("", "{db.url}", "{db.url}", "write `service: db`"),
    ],
)
def test_a_placeholder_that_names_nothing(
    refuse: Refuse, service: str, text: str, shown: str, hint: str
) -> None:
    (problem,) = refuse(_file(f"{{uses: ruff, {service}env: {{A: '{text}'}}}}"))
    assert problem.slug == "unknown-placeholder"
    assert problem.summary.startswith(f"`{shown}` ")
    assert problem.hint.startswith(hint)
    assert problem.place.startswith("gates.yaml:6:")


def test_braces_of_a_gate_without_service_are_its_own(load_text: LoadText) -> None:
    env = load_text(_file("{uses: ruff, env: {A: '{x} {db.name} {other.port}'}}")).gate("it").env
    assert env == (("A", "{x} {db.name} {other.port}"),)


def test_what_a_service_takes_is_measured_where_a_condition_asks(load_text: LoadText) -> None:
    plan = load_text(
        _file("{uses: ruff, service: api, require: [rss_max < 1GB, cpu < 2, rss_slope < 10MB]}")
    )
    assert [spec.name for spec in plan.gate("it").specs][-3:] == ["rss_max", "rss_slope", "cpu"]
    assert plan.gate("it").conditions[-3].limit == Decimal(1_000_000_000)
    none = load_text(_file("{uses: ruff, service: api}")).gate("it")
    assert not {"rss_max", "rss_slope", "cpu"} & {spec.name for spec in none.specs}


@pytest.mark.parametrize(
    ("gate", "services"),
    [("ruff", "{}"), ("ruff, service: api", "{api: {url: 'http://127.0.0.1:80'}}")],
)
def test_what_runs_elsewhere_tells_nothing_of_itself(
    refuse: Refuse, gate: str, services: str
) -> None:
    (problem,) = refuse(_file(f"{{uses: {gate}, require: [rss_max < 1GB]}}", services))
    assert problem.summary == "stage `ruff` measures no `rss_max`"
