"""Pages of a service, fetched several times at once or over and over while something else runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Thread
from types import TracebackType
from typing import Self

from gates.domain.errors import StageError
from gates.toolkit.http_page import get

TIMES = 5
"""Fetches a side: with two workers behind a port, one of 16 such sets meets one of them alone."""

OK = 200


def pages(url: str, times: int = TIMES) -> tuple[bytes, ...]:
    """Fetch a page several times, each over a connection of its own.

    Raises:
        StageError: one fetch gave no page.
    """
    return tuple(_page(url) for _ in range(times))


@dataclass(slots=True)
class Sampler:
    """Fetches a page over and over in a thread, from its start to its end.

    Attributes:
        url: the page.
        take: reads a page; what it raises ends the sampling, and `__exit__` raises it again.
        every_s: from one start of a fetch to the next.
        at_s: when each page was asked for, in seconds since the start.
    """

    url: str
    take: Callable[[bytes], None]
    every_s: float = 0.25
    at_s: list[float] = field(default_factory=list)
    _ends: Event = field(default_factory=Event)
    _thread: Thread | None = None
    _error: StageError | None = None

    def __enter__(self) -> Self:
        """Begin; the first page is fetched at once."""
        self._thread = Thread(target=self._run, name="gates-sampler", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """End, and wait for the fetch that is under way.

        Raises:
            StageError: a page could not be fetched or read.
        """
        self._ends.set()
        if self._thread is not None:
            self._thread.join()
        if error is None and self._error is not None:
            raise self._error

    def _run(self) -> None:
        start = time.monotonic()
        due = start
        while not self._ends.wait(max(0.0, due - time.monotonic())):
            due += self.every_s
            at = time.monotonic() - start
            try:
                self.take(_page(self.url))
            except StageError as error:
                self._error = error
                return
            self.at_s.append(at)


def _page(url: str) -> bytes:
    answer = get(url)
    if answer.status != OK:
        raise StageError(
            "no-page",
            f"`{url}` answers with status {answer.status}",
            hint="see whether the service answers on this path (`path`)",
        )
    return answer.body
