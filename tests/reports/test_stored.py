import json
from dataclasses import replace

import pytest
from reports.runs import gate_runs, sample_run

from gates.domain.errors import OutputUnreadable
from gates.domain.service import ServiceRun
from gates.domain.standing import Standing
from gates.reports import console
from gates.reports.record_v1 import render
from gates.reports.stored import read


def test_a_record_read_back_renders_the_same() -> None:
    run = sample_run()
    again = replace(read(render(run).encode(), what="run.json"), folder=run.folder)
    assert render(again) == render(run)
    assert console.report(again, colour=False, width=100) == console.report(
        run, colour=False, width=100
    )


def test_every_truncation_is_unreadable() -> None:
    data = render(sample_run()).encode()
    for cut in range(0, len(data) - 2, 97):
        with pytest.raises(OutputUnreadable):
            read(data[:cut], what="run.json")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("schema", "gates/run/v2"),
        ("verdict", "fine"),
        ("started", "yesterday"),
        ("exit_code", "0"),
        ("gates", None),
    ],
)
def test_a_field_that_is_not_what_it_must_be_is_named(field: str, value: object) -> None:
    document = {**json.loads(render(sample_run())), field: value}
    with pytest.raises(OutputUnreadable, match=field):
        read(json.dumps(document).encode(), what="run.json")


def test_a_waiver_with_a_day_that_is_none_is_unreadable() -> None:
    text = render(sample_run()).replace("2026-02-01", "soon")
    with pytest.raises(OutputUnreadable, match="not a day"):
        read(text.encode(), what="run.json")


def test_how_waivers_stand_is_read_back() -> None:
    (waiver,) = gate_runs()[2].judged.waivers
    standing = Standing(
        source=".gates/waivers.yaml",
        sha256="d" * 64,
        total=3,
        expired=(waiver,),
        unmatched=(replace(waiver, finding="", condition="line"),),
    )
    run = replace(sample_run(), waivers=standing)
    again = read(render(run).encode(), what="run.json")
    assert again.waivers == standing
    assert render(again) == render(run)


def test_waivers_and_the_policy_tell_one_story() -> None:
    document = json.loads(render(sample_run()))
    document["policy"]["waivers"] = {"source": ".gates/waivers.yaml", "sha256": "d" * 64}
    with pytest.raises(OutputUnreadable, match="contradicts the policy"):
        read(json.dumps(document).encode(), what="run.json")


def test_a_record_of_another_version_says_what_to_do() -> None:
    document = json.loads(render(sample_run()))
    del document["gates"][0]["canary"]
    with pytest.raises(OutputUnreadable) as refused:
        read(json.dumps(document).encode(), what="run.json")
    problem = refused.value.problem
    assert problem.slug == "record-older"
    assert problem.summary == (
        "`/gates/0` has no member `canary`: another version of gates wrote this record"
    )
    assert problem.place == "run.json"
    assert "run `gates check` again" in problem.hint


@pytest.mark.parametrize("data", [b"{}", b'{"schema": "other/v1"}', b'{"schema": null}'])
def test_what_is_no_record_is_not_called_an_older_one(data: bytes) -> None:
    with pytest.raises(OutputUnreadable, match="no record of the schema") as refused:
        read(data, what="run.json")
    assert refused.value.problem.slug == "record-schema"


def test_services_are_read_back() -> None:
    api = ServiceRun(
        name="api",
        url="http://127.0.0.1:4000",
        is_local=True,
        is_shared=True,
        owner="checked",
        trouble="it ended",
        logs=("a.stdout", "a.stderr"),
    )
    far = ServiceRun(name="far", url="", is_local=False)
    run = sample_run(replace(gate_runs()[0], services=(api, far)))
    again = read(render(run).encode(), what="run.json")
    assert again.gates[0].services == (api, far)
    assert again.gates[0].plan.service == "api"
