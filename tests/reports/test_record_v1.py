import json
from dataclasses import replace
from importlib.resources import files

import jsonschema
import pytest
from reports.runs import against_baseline, gate_runs, sample_run

from gates.domain.run import Run
from gates.domain.service import ServiceRun
from gates.domain.standing import Standing
from gates.reports.record_v1 import record, render

SCHEMA = json.loads((files("gates.reports") / "run_v1.schema.json").read_text())


def valid(document: object) -> bool:
    return jsonschema.Draft202012Validator(SCHEMA).is_valid(document)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_record_is_valid() -> None:
    jsonschema.validate(json.loads(render(sample_run())), SCHEMA)


def test_the_record_holds_exact_numbers() -> None:
    gates = json.loads(render(sample_run()))["gates"]
    (line, errors) = gates[1]["metrics"]
    assert (line["value"], line["numerator"], line["denominator"]) == (0.895, 179, 200)
    assert errors["value"] == 2
    assert gates[1]["conditions"][0]["limit"] == 0.9
    assert gates[1]["reason"] == "line is 89.5 %, required >= 90 %"


def test_a_passed_gate_without_proof_is_not_valid() -> None:
    document = json.loads(render(sample_run(gate_runs()[0])))
    assert document["gates"][0]["status"] == "passed"
    document["gates"][0]["examined"]["count"] = 0
    assert not valid(document)
    document["gates"][0]["examined"] = None
    assert not valid(document)


@pytest.mark.parametrize("field", ["verdict", "gates", "policy", "commit"])
def test_a_record_without_a_field_is_not_valid(field: str) -> None:
    document = record(sample_run())
    del document[field]
    assert not valid(json.loads(json.dumps(document)))


def test_an_unknown_field_is_not_valid() -> None:
    assert not valid({**record(sample_run()), "extra": 1})


def with_waivers() -> Run:
    (waiver,) = gate_runs()[2].judged.waivers
    standing = Standing(
        source=".gates/waivers.yaml",
        sha256="d" * 64,
        total=5,
        expired=(replace(waiver, finding="expired"),),
        early=(replace(waiver, finding="early"),),
        ending=(waiver,),
        unmatched=(replace(waiver, finding="", scope="", condition="line"),),
    )
    return replace(sample_run(), waivers=standing)


def test_how_waivers_stand_is_recorded_beside_the_policy() -> None:
    document = json.loads(render(with_waivers()))
    jsonschema.validate(document, SCHEMA)
    assert document["policy"]["waivers"] == {
        "source": ".gates/waivers.yaml",
        "sha256": "d" * 64,
    }
    waivers = document["waivers"]
    assert list(waivers) == ["total", "expired", "not_yet_valid", "expiring", "unmatched"]
    assert waivers["total"] == 5
    assert [waivers[key][0]["finding"] for key in list(waivers)[1:]] == [
        "expired",
        "early",
        "B602",
        None,
    ]
    assert waivers["unmatched"][0]["condition"] == "line"
    del waivers["unmatched"]
    assert not valid(document)


def test_a_run_without_waivers_records_none() -> None:
    document = record(sample_run())
    assert document["waivers"] is None
    assert list(document)[-4:] == ["waivers", "shard", "shards", "gates"]


def test_a_service_that_did_not_start_has_no_address() -> None:
    service = ServiceRun(name="db", url="", is_local=True, logs=("a", "b"))
    document = json.loads(render(sample_run(replace(gate_runs()[0], services=(service,)))))
    jsonschema.validate(document, SCHEMA)
    assert document["gates"][0]["services"] == [
        {
            "name": "db",
            "url": None,
            "local": True,
            "shared": False,
            "owner": None,
            "trouble": None,
            "logs": ["a", "b"],
        }
    ]


def test_a_baseline_is_recorded_with_what_it_stands_on() -> None:
    document = json.loads(render(sample_run(against_baseline(105, 100, 99, 101, 98, 102))))
    jsonschema.validate(document, SCHEMA)
    gate = document["gates"][0]
    assert gate["options_sha256"] == "d" * 64
    condition = gate["conditions"][0]
    assert condition["limit"] == 0.11
    assert condition["baseline"] == {
        "runs": [f"20260130T1200{at:02}Z-abcdef" for at in (5, 4, 3, 2, 1)],
        "median": 0.1,
        "allowance": 0.1,
    }


def test_a_limit_that_no_baseline_gives_is_null() -> None:
    document = json.loads(render(sample_run(against_baseline(105))))
    jsonschema.validate(document, SCHEMA)
    condition = document["gates"][0]["conditions"][0]
    assert condition["limit"] is None
    assert condition["baseline"] == {"runs": [], "median": None, "allowance": 0.1}


def test_a_limit_that_is_written_has_no_baseline() -> None:
    gates = json.loads(render(sample_run()))["gates"]
    assert gates[0]["conditions"][0]["baseline"] is None
    assert gates[0]["options_sha256"] is None
