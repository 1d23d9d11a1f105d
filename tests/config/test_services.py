from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from textwrap import dedent

import pytest

from gates.config.load import load
from gates.config.wire_services import Service
from gates.domain.errors import Problem
from gates.domain.plan import Plan
from gates.domain.service import SERVICE_METRICS, Ready, ReadyBy, ServicePlan

LoadText = Callable[[str], Plan]
Lines = Callable[[str], list[str]]
Refuse = Callable[[str], tuple[Problem, ...]]


def _file(services: str, *, head: str = "", gate: str = "lint: ruff") -> str:
    text = dedent(services).strip("\n").replace("\n", "\n  ")
    return f"version: 1\n{head}services:\n  {text}\nlevels:\n  1:\n    gates:\n      {gate}\n"


WHOLE = """\
db:
  run: postgres -D {dir}/data -p {port}
  setup: ["initdb -D {dir}/data", [echo, "a b"]]
api:
  run: [uvicorn, "app:app", --port, "{port}"]
  ready: {http: /health, timeout: 5s}
  needs: db
  env: {DATABASE_URL: "postgresql://{db.host}:{db.port}/orders", OWN: "{url} {{port}}"}
  cwd: src
  shared: true
  expected_traffic: 24000/min
  grace: 2s
"""


def test_a_service_is_read_whole(load_text: LoadText) -> None:
    plan = load_text(_file(WHOLE))
    assert plan.services == (
        ServicePlan(
            name="db",
            run=("postgres", "-D", "{dir}/data", "-p", "{port}"),
            setup=(("initdb", "-D", "{dir}/data"), ("echo", "a b")),
            place="gates.yaml:3:3",
        ),
        ServicePlan(
            name="api",
            run=("uvicorn", "app:app", "--port", "{port}"),
            ready=Ready(by=ReadyBy.HTTP, value="/health", timeout_s=5),
            env=(
                ("DATABASE_URL", "postgresql://{db.host}:{db.port}/orders"),
                ("OWN", "{url} {{port}}"),
            ),
            cwd="src",
            needs=("db",),
            shared=True,
            expected_traffic=Decimal(400),
            grace_s=2,
            place="gates.yaml:6:3",
        ),
    )


@pytest.mark.parametrize(
    ("ready", "expected"),
    [
        ("tcp", Ready()),
        ("/health", Ready(by=ReadyBy.HTTP, value="/health")),
        ("{tcp: true}", Ready()),
        ("{tcp: true, timeout: 2m}", Ready(timeout_s=120)),
        ("{log: 'ready on {port}'}", Ready(by=ReadyBy.LOG, value="ready on {port}")),
        ("{command: pg_isready -p {port}}", None),
    ],
)
def test_when_it_is_ready(load_text: LoadText, ready: str, expected: Ready | None) -> None:
    if expected is None:
        ready = "{command: 'pg_isready -p {port}'}"
        expected = Ready(by=ReadyBy.COMMAND, command=("pg_isready", "-p", "{port}"))
    plan = load_text(_file(f"api: {{run: serve, ready: {ready}}}"))
    assert plan.services[0].ready == expected


@pytest.mark.parametrize(
    ("service", "line"),
    [
        ("{run: s, ready: health}", "bad-ready: `health` does not say when a service is ready"),
        ("{run: s, ready: {}}", "bad-ready: `ready` does not say by what"),
        ("{run: s, ready: {timeout: 3s}}", "bad-ready: `ready` does not say by what"),
        (
            "{run: s, ready: {http: /a, tcp: true}}",
            "bad-ready: `ready` has both `http` and `tcp`",
        ),
        ("{run: s, ready: {http: a}}", "bad-ready: `a` is no path"),
        (
            "{run: s, ready: {log: '('}}",
            "bad-pattern: it is no regular expression: missing ), unterminated subpattern",
        ),
        ("{run: s, ready: {log: ''}}", "bad-pattern: any line matches it, also an empty one"),
        ("{run: s, ready: {htp: /a}}", "unknown-key: unknown key `htp`"),
        ("{run: s, ready: {http: /a, timeout: 3}}", "bad-value: `timeout` should be text"),
        ("{run: s, redy: tcp}", "unknown-key: unknown key `redy`"),
        ("{run: ''}", "bad-command: the command names no program"),
        ("{run: 'a \"b'}", "bad-command: the command cannot be split into words"),
        ("{run: s, setup: ['']}", "bad-command: the command names no program"),
        ("{run: s, cwd: /tmp}", "bad-path: `/tmp` is not below the folder of gates.yaml"),
        ("{run: s, cwd: a/../b}", "bad-path: `a/../b` is not below the folder of gates.yaml"),
        ("{run: s, grace: 5}", "bad-value: `grace` should be text"),
        ("{run: s, expected_traffic: 400}", "bad-value: `expected_traffic` should be text"),
        ("{run: s, expected_traffic: 400/d}", "bad-rate: `400/d` is not a rate"),
        ("{run: s, env: {A: '{prt}'}}", "unknown-placeholder: `{prt}` names nothing"),
        ("{run: 's {db.port}'}", "unknown-placeholder: `{db.port}` names nothing"),
        ("{run: s, setup: ['x {port} {y}']}", "unknown-placeholder: `{y}` names nothing"),
        ("{run: s, ready: '/{y}'}", "unknown-placeholder: `{y}` names nothing"),
        ("{run: s, ready: {command: [a, '{y}']}}", "unknown-placeholder: `{y}` names nothing"),
        ("{run: s, needs: [db]}", "unknown-service: no service is named `db`"),
        ("{}", "missing-key: service `api` has neither `run` nor `url`"),
        ("{run: s, uses: redis}", "two-commands: service `api` has both `run` and `uses`"),
        ("{uses: mysql}", "unknown-service-kind: `mysql` is not a ready-made service"),
        ("{uses: }", "bad-value: `uses` is empty; it should be text"),
        ("{run: s, expected_traffic: }", "bad-value: `expected_traffic` is empty"),
        ("{run: s, ready: {tcp: false}}", "bad-ready: `ready` does not say by what"),
        ("{run: s, ready: }", "bad-value: `ready` is empty"),
        ("{run: [], ready: tcp}", "empty-value: "),
        ("{run: [s, 5]}", "bad-value: item 2 of `run` should be text, not a number"),
        ("{run: s, shared: 1}", "bad-value: `shared` should be `true` or `false`, not a number"),
        ("serve", "bad-value: service `api` should be a mapping, not text"),
    ],
)
def test_what_cannot_be_is_told(lines: Lines, service: str, line: str) -> None:
    told = lines(_file(f"api: {service}"))
    assert len(told) == 1
    assert told[0].partition(" ")[2].startswith(line)
    assert told[0].startswith("3:")


def test_services_that_are_no_mapping(lines: Lines) -> None:
    assert lines("version: 1\nservices: [api]\nlevels: {1: [ruff]}\n") == [
        "2:11 bad-value: `services` should be a mapping, not a list"
    ]


def test_a_name_that_cannot_be(lines: Lines) -> None:
    assert lines(_file("Api: {run: s}")) == ["3:3 bad-service-name: `Api` is not a service's name"]


def test_what_is_wrong_with_one_hides_nothing_of_another(lines: Lines) -> None:
    found = lines(_file("a: {run: s, x: 1}\nb: {run: s, z: 1}\nc: {run: s, needs: [a]}"))
    assert found == ["3:15 unknown-key: unknown key `x`", "4:15 unknown-key: unknown key `z`"]


def test_a_circle_is_refused(lines: Lines) -> None:
    found = lines(_file("a: {run: s, needs: b}\nb: {run: s, needs: [a]}"))
    assert found in (
        ["3:22 needs-cycle: `a` needs `b` needs `a`: none of them could start"],
        ["4:22 needs-cycle: `b` needs `a` needs `b`: none of them could start"],
    )


def test_a_need_named_twice(lines: Lines) -> None:
    found = lines(_file("a: {run: s}\nb: {run: s, needs: [a, a]}"))
    assert found == ["4:26 same-need: `a` is needed twice"]


def test_a_placeholder_of_a_need_of_a_need(load_text: LoadText, refuse: Refuse) -> None:
    needs = "a: {run: s}\nb: {run: s, needs: a}\n"
    plan = load_text(_file(needs + "c: {run: 's {a.url} {c.port}', needs: b}"))
    assert len(plan.services) == 3
    (problem,) = refuse(_file(needs + "c: {run: 's {a.url}'}"))
    assert problem.hint == "let `c` need `a`: `needs: [a]`"


@pytest.mark.parametrize("url", ["http://127.0.0.1:80", "http://localhost:8080/", "https://[::1]"])
def test_a_service_elsewhere_on_this_machine(load_text: LoadText, url: str) -> None:
    service = load_text(_file(f"api: {{url: '{url}', ready: /health}}")).services[0]
    assert service.url == url.rstrip("/")
    assert not service.is_local


def test_another_host_must_be_allowed(load_text: LoadText, lines: Lines) -> None:
    text = "api: {url: 'https://Staging.example', expected_traffic: 10/s}"
    assert lines(_file(text)) == [
        "3:14 host-not-allowed: service `api` is on `staging.example`, which is not this machine"
    ]
    plan = load_text(_file(text, head="allow_hosts: [staging.example]\n"))
    assert plan.allow_hosts == ("staging.example",)
    assert plan.services[0].expected_traffic == 10


@pytest.mark.parametrize(
    "url",
    [
        "staging.example", "ftp://127.0.0.1", "http://", "http://u:p@127.0.0.1", "http://[::1",
        "http://127.0.0.1/api", "http://127.0.0.1?a", "http://127.0.0.1:99999", "http://a b",
    ],
)  # fmt: skip
def test_what_is_no_address(lines: Lines, url: str) -> None:
    found = lines(_file(f"api: {{url: '{url}'}}", head="allow_hosts: [a]\n"))
    assert [line.partition(" ")[2] for line in found] == [
        f"bad-url: `{url}` is no address of a service"
    ]


@pytest.mark.parametrize("host", ["https://a.example", "a.example:80", "a.example/x", "*.example"])
def test_what_is_no_host(lines: Lines, host: str) -> None:
    text = f'version: 1\nallow_hosts: ["{host}"]\nlevels: {{1: [ruff]}}\n'
    assert lines(text) == [f"2:15 bad-host: `{host}` is not the plain name of a host"]


def test_what_is_never_started_has_no_command(lines: Lines) -> None:
    found = lines(_file("api: {url: 'http://[::1]:80', run: s, shared: true, ready: {log: x}}"))
    assert [line.partition(" ")[2] for line in found] == [
        "not-started: service `api` has a `url`, so it is never started, and a `run`",
        "not-started: service `api` has a `url`, so it is never started, and a `shared`",
        "bad-ready: service `api` runs elsewhere, so it can be asked only by HTTP or TCP",
    ]


def test_one_elsewhere_has_no_folder(refuse: Refuse) -> None:
    there = "there: {url: 'http://[::1]:80'}\n"
    services = there + "api: {run: 's {there.url} {there.dir}', needs: there}"
    (problem,) = refuse(_file(services))
    assert problem.hint == "a service that runs elsewhere has no folder here"


def test_the_examples_of_the_docs_are_read() -> None:
    text = Path("docs/services.md").read_text(encoding="utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    plans = [load(each.encode(), name="gates.yaml", default_project="x") for each in examples]
    assert [len(plan.services) for plan in plans] == [2, 1]
    assert plans[0].gate("load").service == "api"
    keys = {field.alias or name for name, field in Service.model_fields.items()}
    assert keys == set(re.findall(r"^\| `(\w+)` \| [^|]*\|$", text, re.MULTILINE)) - METRICS


METRICS = {spec.name for spec in SERVICE_METRICS}
