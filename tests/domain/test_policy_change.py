import pytest

from gates.domain.policy_change import IN_DOUBT, Kind, PolicyChange


@pytest.mark.parametrize("kind", list(Kind))
def test_what_is_lost_loosens_and_nothing_else_does(kind: Kind) -> None:
    worst = {Kind.LOOSENED, Kind.REMOVED, Kind.SKIPPED}
    assert PolicyChange(kind=kind, what="x").loosens is (kind in worst)


def test_the_doubt_is_said() -> None:
    change = PolicyChange(
        kind=Kind.LOOSENED, what="x", before="a", after="b", place="p", is_doubtful=True
    )
    assert change.plain() == {
        "kind": "loosened",
        "what": f"x ({IN_DOUBT})",
        "before": "a",
        "after": "b",
        "place": "p",
    }
    assert PolicyChange(kind=Kind.ADDED, what="x").said == "x"
