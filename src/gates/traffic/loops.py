"""An event loop that wakes up when it should.

epoll takes whole milliseconds, which asyncio rounds up: each request would start up to one too
late. `select` on epoll's own descriptor waits as exactly as the kernel can, and epoll then tells
what is ready.
"""

from __future__ import annotations

import asyncio
import selectors
from select import select

_MOST = 1024  # select's own limit for the number of a descriptor
_Ready = list[tuple[selectors.SelectorKey, int]]  # type: ignore[explicit-any]


class ExactSelector(selectors.DefaultSelector):
    """The platform's selector, with time-outs below a millisecond."""

    # A key holds whatever its owner gave.
    def select(self, timeout: float | None = None) -> _Ready:  # type: ignore[explicit-any]
        """Wait until something is ready, or the time is up."""
        descriptor = self.fileno()
        if timeout is not None and timeout > 0 and descriptor < _MOST:
            select([descriptor], [], [], timeout)
            timeout = 0
        return super().select(timeout)


def exact_loop() -> asyncio.AbstractEventLoop:
    """A loop whose timers are exact; one for each run."""
    return asyncio.SelectorEventLoop(ExactSelector())
