from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from gates.config.schema import _members, json_schema, options_schema, waivers_schema
from gates.formats import strict_yaml
from gates.plugin import Options, Stage
from gates.stages import BUILT_IN

LoadStage = Callable[[str], type[Stage[Options]]]
Fakes = tuple[LoadStage, Callable[[], tuple[str, ...]]]

CHECKED_IN = Path(__file__).parents[2] / "docs" / "gates.schema.json"
WAIVERS_CHECKED_IN = CHECKED_IN.with_name("waivers.schema.json")


@pytest.fixture
def validator(stages: Fakes) -> jsonschema.Draft202012Validator:
    load, names = stages
    schema = json_schema(load_stage=load, stage_names=names)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def _as_editor(text: str) -> object:
    """The file as an editor's validator sees it: keys are texts, numbers are numbers."""
    document = strict_yaml.read(text.encode(), name="gates.yaml")
    assert not document.problems
    value: object = json.loads(json.dumps(document.value, default=float))
    return value


ACCEPTED = [
    "{1: [ruff, pytest, coverage]}",
    "{1: [{uses: ruff, name: lint, require: [errors == 0], timeout: 10m}]}",
    "{1: {name: Automated, gates: {lint: ruff, pytest: {}, cov: {uses: coverage}}}}",
    "{1: {gates: [ruff]}, 2: [pytest], 3: [load]}",
    "{1: [{uses: coverage, with: {critical: {a.py: 80%}}, require: line >= 90%}]}",
    "{1: {gates: {coverage: {with: {min_changed: 5}}}}}",
    "{1: {gates: {coverage: {uses: load, with: {rate: 5}}}}}",
    "{1: {gates: {ruff: pytest}}}",
    "{1: [{uses: load, with: {parts: a}}]}",
    "{1: [{uses: load, with: {parts: [a, b]}}]}",
    """{1: [{uses: load, require: ['p95{endpoint="GET /orders"} < 50ms', p95 < target.x]}]}""",
    "{1: [{uses: load, with: {rate: 1.5, paths: [a], target: [a], shape: ramp, warm: true}}]}",
    "{1: [{uses: coverage, drop: changed_line, criteria: [L1-ARCH], env: {A: b}, needs: ruff}]}",
]

REFUSED = [
    "{}",
    "{4: [ruff]}",
    "{1: []}",
    "{1: {gates: {}}}",
    "{1: {name: x}}",
    "{1: {lint: ruff}}",
    "{1: [rufff]}",
    "{1: [{name: x}]}",
    "{1: [{uses: rufff}]}",
    "{1: [{uses: ruff, when: []}]}",
    "{1: [{uses: ruff, when: [noon]}]}",
    "{1: [{uses: ruff, when: commit push}]}",
    "{1: [{uses: ruff, wen: [ci]}]}",
    "{1: [{uses: ruff, require: errors}]}",
    "{1: [{uses: ruff, require: [errors = 0]}]}",
    "{1: [{uses: ruff, require: [5]}]}",
    "{1: [{uses: ruff, drop: [errors == 0]}]}",
    "{1: [{uses: ruff, timeout: 90}]}",
    "{1: [{uses: ruff, timeout: '90'}]}",
    "{1: [{uses: ruff, name: Lint}]}",
    "{1: [{uses: ruff, criteria: [L1-LNT]}]}",
    "{1: [{uses: ruff, env: {A-B: x}}]}",
    "{1: [{uses: ruff, env: {A: 5}}]}",
    "{1: [{uses: ruff, with: {rate: 5}}]}",
    "{1: [{uses: load, with: {rat: 5}}]}",
    "{1: [{uses: load, with: {paths: a}}]}",
    "{1: [{uses: load, with: {parts: 5}}]}",
    "{1: [{uses: load, with: {shape: other}}]}",
    "{1: {gates: {Lint: ruff}}}",
    "{1: {gates: {lint: {require: [errors == 0]}}}}",
    "{1: {gates: {lint: {uses: ruff, name: other}}}}",
    "{1: {gates: {coverage: {with: {rate: 5}}}}}",
    "{1: {gates: {coverage: {uses: load, with: {min_changed: 5}}}}}",
]


@pytest.mark.parametrize("levels", ACCEPTED)
def test_what_the_loader_reads_is_accepted(
    validator: jsonschema.Draft202012Validator, levels: str
) -> None:
    validator.validate(_as_editor(f"version: 1\nlevels: {levels}\n"))


@pytest.mark.parametrize("levels", REFUSED)
def test_what_the_loader_refuses_is_refused(
    validator: jsonschema.Draft202012Validator, levels: str
) -> None:
    assert not validator.is_valid(_as_editor(f"version: 1\nlevels: {levels}\n"))


@pytest.mark.parametrize(
    ("head", "is_valid"),
    [
        ("version: 1", True),
        ("version: 2", False),
        ("project: x", False),
        ("version: 1\nprojekt: x", False),
        ("version: 1\nproject: ''", False),
        ("version: 1\nsources: [src]", True),
        ("version: 1\nsources: {include: [src], exclude: [a]}", True),
        ("version: 1\nsources: src", False),
        ("version: 1\ntargets: {a: 50ms, b: 5, c: 0.5}", True),
        ("version: 1\ntargets: {A: 50ms}", False),
        ("version: 1\nnot_applicable: {L1-LINT: {reason: r, owner: o}}", True),
        ("version: 1\nnot_applicable: {L1-LNT: {reason: r, owner: o}}", False),
        ("version: 1\nnot_applicable: {L1-LINT: {reason: r}}", False),
        ("version: 1\nenvironment: .venv", True),
    ],
)
def test_the_head_is_judged(
    validator: jsonschema.Draft202012Validator,
    head: str,
    is_valid: bool,  # noqa: FBT001
) -> None:
    assert validator.is_valid(_as_editor(f"{head}\nlevels: {{1: [ruff]}}\n")) is is_valid


def test_help_of_the_options_becomes_their_description(stages: Fakes) -> None:
    made = options_schema(stages[0]("coverage"))
    shown = json.dumps(made)
    assert '"description": "the gate whose run is measured"' in shown
    assert made["description"] == "Options of stage `coverage`: coverage."


def test_a_stage_that_cannot_be_loaded_is_no_silent_gap(stages: Fakes) -> None:
    with pytest.raises(ImportError):
        json_schema(load_stage=stages[0], stage_names=lambda: ("ruff", "broken"))


def test_what_is_no_schema_is_a_fault() -> None:
    with pytest.raises(TypeError, match="not a schema: 5"):
        _members(5)


def test_no_title_of_a_model_is_left(validator: jsonschema.Draft202012Validator) -> None:
    shown = json.dumps(validator.schema)
    assert shown.count('"title":') == 1
    assert '"title": "gates.yaml"' in shown


def test_the_schema_that_is_checked_in_is_this_one() -> None:
    text = json.dumps(json_schema(stage_names=lambda: tuple(sorted(BUILT_IN))), indent=2) + "\n"
    if os.environ.get("GATES_GENERATE"):
        CHECKED_IN.write_text(text)
    assert CHECKED_IN.read_text() == text


WAIVER = "gate: audit, reason: r, owner: o, created: 2026-01-01, expires: 2026-02-01, {more}"
FINGERPRINT = "0f" * 16


@pytest.mark.parametrize(
    ("more", "is_valid"),
    [
        ("finding: CVE-1, scope: jinja2", True),
        (f"finding: {FINGERPRINT}", True),
        ("condition: line", True),
        ("finding: CVE-1", False),
        ("condition: line, scope: src", False),
        ("condition: line, finding: CVE-1, scope: src", False),
        ("scope: src", False),
        ("finding: CVE-1, scope: src, until: x", False),
        ("finding: '', scope: src", False),
    ],
)
def test_a_waiver_is_judged(more: str, is_valid: bool) -> None:  # noqa: FBT001
    schema = waivers_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    text = f"version: 1\nwaivers: [{{{WAIVER.format(more=more)}}}]\n"
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid(_as_editor(text)) is is_valid


@pytest.mark.parametrize("key", ["gate", "reason", "owner", "created", "expires"])
def test_a_waiver_needs_its_keys(key: str) -> None:
    given = dict.fromkeys(("gate", "reason", "owner"), "x")
    entry = {**given, "created": "2026-01-01", "expires": "2026-01-01", "condition": "line"}
    validator = jsonschema.Draft202012Validator(waivers_schema())
    assert validator.is_valid({"version": 1, "waivers": [entry]})
    del entry[key]
    assert not validator.is_valid({"version": 1, "waivers": [entry]})


def test_the_schema_of_waivers_that_is_checked_in_is_this_one() -> None:
    text = json.dumps(waivers_schema(), indent=2) + "\n"
    if os.environ.get("GATES_GENERATE"):
        WAIVERS_CHECKED_IN.write_text(text)
    assert WAIVERS_CHECKED_IN.read_text() == text
