from __future__ import annotations

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.git_log import Commit, parse

ONE, TWO, BASE = "1" * 40, "2" * 40, "b" * 40


@pytest.mark.parametrize(
    "data",
    [
        b"1" * 40 + b"\nfix: a",  # cut off
        b"commit 123\nfix: a\n\0",
        b"\0",
        b"g" * 40 + b"\nfix: a\n\0",
    ],
)
def test_a_log_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(OutputUnreadable):
        parse(data)


def test_a_log_keeps_the_whole_message() -> None:
    (commit,) = parse(f"{ONE} {TWO} {BASE}\nfix: a\n\nbody\n\0".encode())
    assert commit == Commit(ONE, 2, "fix: a\n\nbody\n")
