from __future__ import annotations

import json
from importlib.resources import files

import jsonschema
import pytest
from reports.rollups import judged, projects, sample_rollup
from reports.runs import sample_run

from gates.reports.rollup_v1 import open_gates, project, record, render

SCHEMA = json.loads((files("gates.reports") / "rollup_v1.schema.json").read_text())


def valid(document: object) -> bool:
    return jsonschema.Draft202012Validator(SCHEMA).is_valid(document)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_record_is_valid_and_in_the_order_of_its_schema() -> None:
    document = json.loads(render(sample_rollup()))
    jsonschema.validate(document, SCHEMA)
    assert list(document) == SCHEMA["required"]
    entry = SCHEMA["$defs"]["project"]
    assert [list(each) for each in document["projects"]] == [entry["required"]] * 5
    assert (document["seconds"], document["exit_code"]) == (7.5, 1)


def test_a_project_names_its_record_and_what_is_to_mend() -> None:
    entry = project(projects()[1])
    assert entry["record"] == ("services/api/.gates/local/runs/20260131T120001Z-000002/run.json")
    assert len(str(entry["sha256"])) == 64
    assert entry["counts"] == {
        "passed": 1,
        "waived": 1,
        "errored": 1,
        "failed": 1,
        "skipped": 1,
    }
    assert entry["open"] == [
        {
            "gate": "coverage",
            "status": "failed",
            "reason": "line is 89.5 %, required >= 90 %",
        },
        {"gate": "audit", "status": "errored", "reason": "`pip-audit` was not found"},
    ]


def test_what_was_not_judged_says_why() -> None:
    core, old, mail = (project(entry) for entry in projects()[2:])
    assert (core["verdict"], core["listed"], core["record"]) == ("passed", 12, None)
    assert (old["verdict"], old["exit_code"]) == ("partial", 0)
    assert (mail["verdict"], mail["exit_code"], mail["error"]) == ("errored", 3, "cannot-lock")
    assert open_gates(projects()[2]) == ()


@pytest.mark.parametrize("field", ["verdict", "projects", "policy", "tree"])
def test_a_record_without_a_field_is_not_valid(field: str) -> None:
    document = record(sample_rollup())
    del document[field]
    assert not valid(json.loads(json.dumps(document)))


@pytest.mark.parametrize(
    ("at", "field", "value"),
    [
        (0, "record", None),
        (0, "sha256", "x"),
        (0, "outcome", "unaffected"),
        (2, "listed", None),
        (2, "listed", 0),
        (2, "verdict", "failed"),
        (2, "record", "a/run.json"),
        (3, "verdict", "passed"),
        (4, "error", None),
        (4, "verdict", "passed"),
        (4, "extra", 1),
    ],
)
def test_a_project_that_proves_nothing_is_not_valid(at: int, field: str, value: object) -> None:
    document = json.loads(render(sample_rollup()))
    assert valid(document)
    document["projects"][at][field] = value
    assert not valid(document)


def test_no_project_is_not_valid() -> None:
    document = {**record(sample_rollup(judged("a", sample_run()))), "projects": []}
    assert not valid(json.loads(json.dumps(document)))
