from gates.domain.criteria import CRITERIA, IDS, up_to


def test_ids_are_unique_and_name_their_level() -> None:
    assert len(IDS) == len(CRITERIA) == 52
    assert {criterion.level for criterion in CRITERIA} == {1, 2, 3}


def test_a_level_holds_all_criteria_below_it() -> None:
    assert [len(up_to(level)) for level in (1, 2, 3)] == [11, 25, 52]
    assert set(up_to(1)) < set(up_to(2)) < set(up_to(3))
