from __future__ import annotations

from gates.formats.coverage_model import Covered, file_of_hits, numbered, total


def test_the_sum() -> None:
    assert total((Covered(1, 2), Covered(0, 3))) == Covered(1, 5)
    assert total(()) == Covered(0, 0)


def test_branches_of_which_only_the_number_is_known() -> None:
    assert numbered(7, 1, 3) == (((7, 0),), ((7, 1), (7, 2)))
    assert numbered(7, 0, 0) == ((), ())


def test_lines_are_sorted() -> None:
    file = file_of_hits("a.c", {3: True, 1: False, 2: True}, {(3, 0): True, (3, 1): False})
    assert (file.executed, file.missing) == ((2, 3), (1,))
    assert (file.executed_branches, file.missing_branches) == (((3, 0),), ((3, 1),))
    assert file_of_hits("a.c", {}, module="m").module == "m"
