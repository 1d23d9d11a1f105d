from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gates.toolkit.pytest_portion import dealt, file_of

NAMES = st.lists(st.sampled_from([f"tests/test_{at}.py" for at in range(9)]), max_size=60)


def ids(files: list[str]) -> list[str]:
    return [f"{file}::test_{at}" for at, file in enumerate(files)]


@given(files=NAMES, count=st.integers(1, 7))
def test_each_file_goes_to_one_part_and_nothing_hangs_on_the_order(
    files: list[str], count: int
) -> None:
    parts = dealt(ids(files), count)

    assert len(parts) == count
    assert sorted(file for part in parts for file in part) == sorted(set(files))
    assert dealt(reversed(ids(files)), count) == parts


def test_the_parts_hold_about_as_many_tests() -> None:
    nodeids = [f"tests/test_{file}.py::t{at}" for file in range(12) for at in range(file + 1)]

    sums = [sum(file_of(n) in part for n in nodeids) for part in dealt(nodeids, 3)]

    assert max(sums) - min(sums) <= 2


def test_the_file_is_what_stands_before_the_first_colons() -> None:
    assert file_of("tests/test_a.py::TestA::test_b[x::y]") == "tests/test_a.py"
    assert file_of("README.md") == "README.md"
