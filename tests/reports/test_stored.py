import json
from dataclasses import replace

import pytest
from reports.runs import sample_run

from gates.domain.errors import OutputUnreadable
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
