import pytest
from samples import gate, plan

PLAN = plan(gate(name="lint"), gate(name="load", level=2), gate(name="pentest", level=3))


def test_a_level_holds_all_gates_below_it() -> None:
    assert [each.name for each in PLAN.up_to(2)] == ["lint", "load"]


def test_gates_and_metrics_are_found_by_name() -> None:
    assert PLAN.gate("load").level == 2
    with pytest.raises(KeyError):
        PLAN.gate("nothing")
    assert PLAN.gate("lint").spec("errors") is not None
    assert PLAN.gate("lint").spec("nothing") is None
