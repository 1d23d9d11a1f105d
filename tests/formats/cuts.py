"""A property that every reader has: a file that was cut short is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.domain.errors import StageError


def refuses_every_cut(read: Callable[[bytes], object], data: bytes) -> None:
    """Cut the file at random bytes, and expect an error of ours each time.

    Args:
        read: the reader; it must accept the whole file.
        data: the whole file; white space at its end may be lost.
    """
    whole = data.rstrip()
    read(whole)

    @settings(deadline=None, database=None)
    @given(st.integers(min_value=0, max_value=len(whole) - 1))
    def refuses(at: int) -> None:
        with pytest.raises(StageError):
            read(whole[:at])

    refuses()
