"""Request limits: a fixed window per caller, kept in memory."""

import math
import threading
from dataclasses import dataclass

from orders.clock import Clock
from orders.errors import TooManyRequestsError


@dataclass(slots=True)
class _Window:
    started: float
    used: int


class Limiter:
    """Counts what each caller did in the present window and refuses what is too much."""

    def __init__(self, window_seconds: int, clock: Clock, *, capacity: int = 10_000) -> None:
        """Use windows of the given length and remember at most `capacity` callers."""
        self._seconds = window_seconds
        self._clock = clock
        self._capacity = capacity
        self._windows: dict[str, _Window] = {}
        self._lock = threading.Lock()

    def take(self, caller: str, limit: int) -> int:
        """Count one request and return how many are left, or refuse it."""
        now = self._clock().timestamp()
        with self._lock:
            window = self._windows.get(caller)
            if window is None or now >= window.started + self._seconds:
                self._make_room(now)
                window = self._windows[caller] = _Window(started=now, used=0)
            if window.used >= limit:
                wait = math.ceil(window.started + self._seconds - now)
                raise TooManyRequestsError("too many requests", retry_after=wait)
            window.used += 1
            return limit - window.used

    def forget(self, caller: str) -> None:
        """Give a caller a fresh window."""
        with self._lock:
            self._windows.pop(caller, None)

    def _make_room(self, now: float) -> None:
        if len(self._windows) < self._capacity:
            return
        expired = [k for k, w in self._windows.items() if now >= w.started + self._seconds]
        for caller in expired or [next(iter(self._windows))]:
            del self._windows[caller]
