"""The sets by name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from formats.probe_answers import Answers, reply, session

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.probe_choice import SETS
from gates.formats.probe_headers import Pages
from gates.formats.probe_model import Ask, Expect, ProbePlan, Step
from gates.formats.probe_sets import _SETS, Probing, Wanted, checks, fitting, notes

GET = Ask(method="GET", path="/a")


def probing(
    answers: Answers, *, wanted: Wanted | None = None, plan: ProbePlan | None = None
) -> Probing:
    return Probing(
        session=session(answers),
        plan=plan or ProbePlan(),
        wanted=wanted or Wanted(pages=Pages(open=("/a",))),
        address=("127.0.0.1", 1),
        file=lambda path: path.encode(),
        now=lambda: datetime.now(UTC),
    )


def test_every_set_can_be_asked() -> None:
    assert tuple(_SETS) == SETS


def test_tls_fits_only_where_it_ends() -> None:
    of = probing(Answers())
    assert tuple(fitting(SETS, of)) == tuple(name for name in SETS if name != "tls")
    of.session.url = "https://staging.example"
    assert tuple(fitting(SETS, of)) == SETS
    assert list(notes(("tls", "headers"), of)) == [
        "Cache-Control was not looked at: `private:` names no answer for one caller"
    ]


def test_what_the_answers_say_is_noted() -> None:
    of = probing(Answers())
    of.session.notes.append("the limit believes a proxy")
    assert list(notes(("rate-limit",), of)) == ["the limit believes a proxy"]


def test_a_set_without_anything_checks_nothing() -> None:
    of = probing(Answers())
    assert list(checks("requests", of)) == []
    assert list(checks("login", of)) == []
    assert list(checks("rate-limit", of)) == []


def test_nothing_is_kept_of_an_answer_of_another_kind() -> None:
    steps = (
        Step(ask=GET, expect=Expect(statuses=((200, 200),)), capture=(("id", "/id"),)),
        Step(ask=Ask(method="GET", path="/b/{id}")),
    )
    of = probing(
        Answers({"GET /a": [reply(200, {"id": 3})], "GET /b/3": [reply()]}),
        plan=ProbePlan(requests=steps),
    )
    assert all(check.holds for check in checks("requests", of))
    of = probing(Answers({"GET /a": [reply(500)]}), plan=ProbePlan(requests=steps))
    found = [(check.holds, check.subject, check.got) for check in checks("requests", of)]
    assert found == [
        (False, "GET /a", "500"),
        (False, "GET /b/{id}", "no request: nothing was captured as `id`"),
    ]


def test_a_value_that_no_step_captures_is_no_finding() -> None:
    of = probing(Answers(), plan=ProbePlan(requests=(Step(ask=Ask(method="GET", path="/{id}")),)))
    with pytest.raises(StageError, match="nothing was captured as `id`"):
        list(checks("requests", of))


def test_the_document_is_a_page_or_a_file() -> None:
    page = Wanted(pages=Pages(open=("/a",)), openapi="/openapi.json")
    with pytest.raises(StageError, match="is answered by 404"):
        list(checks("authentication", probing(Answers(), wanted=page)))
    file = Wanted(pages=Pages(open=("/a",)), openapi="{")
    with pytest.raises(OutputUnreadable):
        list(checks("authentication", probing(Answers(), wanted=file)))


def test_nobody_takes_tls_there() -> None:
    with pytest.raises(StageError, match="could not be asked for its versions"):
        list(checks("tls", probing(Answers())))
