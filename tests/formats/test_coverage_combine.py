from __future__ import annotations

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.coverage_combine import refuse_partial

OLD = "Combined data file .coverage.a\nSkipping duplicate data .coverage.b\n"


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("Combined 2 files\n", 2),
        ("Combined 1 file\n", 1),
        ("Combined 2 files, skipped 1\n\n", 3),
        (OLD, 2),
    ],
)
def test_all_files_were_taken(output: str, expected: int) -> None:
    refuse_partial(output, expected=expected)


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("Combined 1 file, 1 file errored\n", 2),
        ("Combined 1 file\n", 2),
        ("Combined 3 files\n", 2),
        (OLD, 3),
        ("", 1),
    ],
)
def test_a_file_that_was_left_out_is_told(output: str, expected: int) -> None:
    with pytest.raises(OutputUnreadable, match=f"of {expected} data files"):
        refuse_partial(output, expected=expected)


def test_the_reason_is_repeated() -> None:
    output = "Combined 1 file, 1 file errored\nwarning: Couldn't use data file 'x'\n"
    with pytest.raises(OutputUnreadable, match="1 of 2 data files: Combined 1 file, 1 file err"):
        refuse_partial(output, expected=2)
