import pytest

from gates.domain.moment import EVERYWHERE, FROM_PUSH, IN_CI, Moment, not_due


def test_each_wider_default_holds_the_narrower_one() -> None:
    assert set(IN_CI) < set(FROM_PUSH) < set(EVERYWHERE) == set(Moment)


@pytest.mark.parametrize(
    ("when", "told"),
    [(FROM_PUSH, "`when: [push, ci]`"), (IN_CI, "`when: [ci]`")],
)
def test_a_skipped_gate_says_what_gates_yaml_has(when: tuple[Moment, ...], told: str) -> None:
    assert not_due(Moment.COMMIT, when) == f"not due at commit ({told})"
