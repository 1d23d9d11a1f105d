from __future__ import annotations

import json

import pytest
from formats.cuts import refuses_every_cut
from formats.schemathesis_samples import account, case, events, failure

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import schemathesis_events
from gates.formats.schemathesis_summary import Summary, read, refuse_partial

FAILED = {"code": "ST103", "operations": ["GET /a"]}


def summary(**more: object) -> Summary:
    return read(json.dumps(account(**more)).encode(), what="a.json")


def refuse(data: bytes, ended: int = 0, /, **more: object) -> None:
    seen = schemathesis_events.read(data, what="a.ndjson")
    refuse_partial(summary(**more), seen, ended, operations=1)


def test_an_account_is_read() -> None:
    found = summary(failures=[FAILED], errors=[{"title": "Network Error"}], filtered=2)
    assert found.failures == {("ST103", "GET /a")}
    assert found.errors == ("Network Error",)
    assert (found.total, found.selected, found.tested, found.cases) == (1, 1, 1, 1)
    assert (found.hidden, found.errored, found.unchecked) == (2, 0, 0)
    refuses_every_cut(lambda data: read(data, what="a.json"), json.dumps(account()).encode())


def test_accounts_that_agree_are_taken() -> None:
    refuse(events(case()))
    refuse(events(case(failures=[failure()])), 1, exit_code=1, failures=[FAILED])
    second = events(case(), case(checks=(), parent="c0"))
    refuse(second, test_cases={"generated": 2, "without_checks": 1})


@pytest.mark.parametrize(
    ("data", "more", "slug"),
    [
        (events(case("GET /a", None)), {}, "not-tested"),
        (events(case(), more=[{"FatalError": {}}]), {}, "not-tested"),
        (events(case()), {"errors": [{"title": "Network Error"}]}, "not-tested"),
        (events(case()), {"test_cases": {"errored": 1}}, "not-tested"),
        (events(case()), {"operations": {"errored": 1}}, "not-tested"),
        (events(case()), {"complete": False}, "stopped-early"),
        (events(case()), {"stop_reason": "max_time"}, "stopped-early"),
        (events(case()), {"operations": {"selected": 2}}, "operations-not-tested"),
        (events(case()), {"filtered": 1}, "failures-hidden"),
        (events(), {"test_cases": {"generated": 0}}, "no-requests"),
        (events(case(checks=())), {"test_cases": {"without_checks": 1}}, "answers-not-checked"),
        (events(case()), {"operations": {"total": 2}}, "contradiction"),
        (events(case()), {"test_cases": {"generated": 2}}, "contradiction"),
        (events(case()), {"test_cases": {"without_checks": 1}}, "contradiction"),
        (events(case()), {"schemathesis_version": "4.32.6"}, "contradiction"),
        (events(case(), stop_reason="max_time"), {}, "contradiction"),
        (events(case()), {"failures": [FAILED]}, "contradiction"),
        (events(case(failures=[failure()])), {"failures": [FAILED]}, "contradiction"),
        (events(case()), {"exit_code": 1}, "contradiction"),
    ],
)
def test_a_run_in_part_or_in_doubt_is_refused(
    data: bytes, more: dict[str, object], slug: str
) -> None:
    with pytest.raises(StageError) as caught:
        refuse(data, **more)
    assert caught.value.problem.slug == slug
    assert caught.value.problem.place == "schemathesis"


def test_an_account_without_a_member_is_refused() -> None:
    whole = account()
    for name in whole:
        rest = {key: value for key, value in whole.items() if key != name}
        with pytest.raises(OutputUnreadable, match=name):
            read(json.dumps(rest).encode(), what="a.json")
