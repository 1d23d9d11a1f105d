"""Pages of the catalogue, kept in memory for a moment."""

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from orders.clock import Clock
from orders.metrics import Metrics

KEPT_SECONDS = 1.0
CAPACITY = 1000

Value = TypeVar("Value")


class Cache(Generic[Value]):
    """Answers a question that was asked a moment ago without asking the database again."""

    def __init__(self, metrics: Metrics, clock: Clock) -> None:
        """Start empty."""
        self._metrics = metrics
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[Hashable, tuple[float, Value]] = {}
        self._generation = 0

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return what is kept under a key, made anew where it is too old or not there."""
        now = self._clock().timestamp()
        self._metrics.cache_lookups.inc()
        with self._lock:
            generation = self._generation
            made_at, value = self._kept.get(key, (None, None))
            if made_at is not None and value is not None and now < made_at + KEPT_SECONDS:
                self._metrics.cache_hits.inc()
                return value
        made = make()
        with self._lock:
            if generation == self._generation:  # what was read before a change is not kept
                if len(self._kept) >= CAPACITY:
                    self._kept.clear()
                self._kept[key] = (now, made)
        return made

    def clear(self) -> None:
        """Forget everything, because what it was made of has changed."""
        with self._lock:
            self._kept.clear()
            self._generation += 1
