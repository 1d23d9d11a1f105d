"""Interrupts: a signal to the run ends it with 128 + its number, whatever the children returned."""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CAUGHT = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def caught(tell: Callable[[int], None]) -> Iterator[None]:
    """Hand interrupts to `tell` as signal numbers while the block runs.

    SIGINT is caught also where the parent ignored it (a background process of a shell): a run
    that cannot be interrupted would hold its lock for ever.

    Args:
        tell: called in the main thread, between two bytecodes; it must only leave a message.
    """

    def handler(number: int, frame: FrameType | None) -> None:
        del frame
        tell(number)

    before = {number: signal.signal(number, handler) for number in CAUGHT}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous if previous is not None else signal.SIG_DFL)
