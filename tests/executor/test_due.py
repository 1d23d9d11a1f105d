import pytest

from gates.domain.moment import EVERYWHERE, FROM_PUSH, IN_CI, Moment
from gates.domain.plan import GatePlan
from gates.domain.run import Selection
from gates.executor.due import MESSAGES, due, left_out, note


def gate(name: str, when: tuple[Moment, ...], *needs: str, uses: str = "ruff") -> GatePlan:
    return GatePlan(
        name=name, level=1, uses=uses, options={}, specs=(), conditions=(), needs=needs, when=when
    )


GATES = (
    gate("lint", EVERYWHERE),
    gate("tests", FROM_PUSH),
    gate("coverage", EVERYWHERE, "tests"),
    gate("audit", IN_CI),
    gate("msg", EVERYWHERE, uses=MESSAGES),
)


def names(selection: Selection) -> list[str]:
    return [each.name for each in due(GATES, selection)]


def test_in_ci_all_are_due() -> None:
    assert names(Selection()) == ["lint", "tests", "coverage", "audit", "msg"]
    assert note(GATES, Selection()) == ()


def test_what_a_due_gate_needs_runs_too() -> None:
    selection = Selection(moment=Moment.COMMIT)
    assert names(selection) == ["lint", "tests", "coverage"]
    assert note(GATES, selection) == ("not due at commit: `audit`, `msg`",)


def test_a_message_is_due_at_a_push_and_not_before_it_is_written() -> None:
    assert "msg" in names(Selection(moment=Moment.PUSH))
    assert "--commit-msg" in left_out(GATES[4], Selection(moment=Moment.COMMIT))


def test_who_names_a_gate_gets_it() -> None:
    selection = Selection(moment=Moment.COMMIT, gates=("audit",))
    assert names(selection) == ["audit"]
    assert note(GATES, selection) == ()
    assert left_out(GATES[0], selection) == "not selected on the command line"


@pytest.mark.parametrize("moment", [Moment.COMMIT, Moment.PUSH])
def test_where_none_is_due_that_is_said(moment: Moment) -> None:
    (told,) = note(GATES[3:4], Selection(moment=moment))
    assert told.startswith(f"no gate is due at {moment}, so nothing was judged")
    assert due(GATES[3:4], Selection(moment=moment)) == ()


def test_the_reason_is_in_the_words_of_gates_yaml() -> None:
    told = left_out(GATES[3], Selection(moment=Moment.PUSH))
    assert told == "not due at push (`when: [ci]`)"
