"""Order events, broadcast to whoever listens at that moment."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from orders.metrics import Metrics
from orders.tokens import Identity

QUEUE_LIMIT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to an order."""

    kind: str
    order_id: int
    customer_id: int
    status: str
    at: datetime


@dataclass(eq=False, slots=True)
class Subscription:
    """One listener; its queue belongs to the event loop that it was opened on."""

    identity: Identity
    loop: asyncio.AbstractEventLoop
    queue: asyncio.Queue[Event | None] = field(
        default_factory=lambda: asyncio.Queue(maxsize=QUEUE_LIMIT)
    )

    def wants(self, event: Event) -> bool:
        """Tell whether the listener may see an event."""
        return self.identity.is_admin or self.identity.user_id == event.customer_id

    def offer(self, event: Event) -> None:
        """Queue an event; a listener that cannot keep up is told to leave."""
        if self.queue.qsize() >= QUEUE_LIMIT - 1:
            while not self.queue.empty():
                self.queue.get_nowait()
            self.queue.put_nowait(None)
            return
        self.queue.put_nowait(event)


class Broadcaster:
    """Carries events from the worker threads to the listeners."""

    def __init__(self, metrics: Metrics) -> None:
        """Start without listeners."""
        self._metrics = metrics
        self._lock = threading.Lock()
        self._subscriptions: set[Subscription] = set()

    @contextmanager
    def subscribe(self, identity: Identity) -> Iterator[Subscription]:
        """Listen, from inside an event loop, until the end of the block."""
        subscription = Subscription(identity, asyncio.get_running_loop())
        with self._lock:
            self._subscriptions.add(subscription)
        self._metrics.subscribers.inc()
        try:
            yield subscription
        finally:
            with self._lock:
                self._subscriptions.discard(subscription)
            self._metrics.subscribers.dec()

    def publish(self, event: Event) -> None:
        """Hand an event to every listener that may see it; callable from any thread."""
        with self._lock:
            for subscription in self._subscriptions:
                if subscription.wants(event):
                    subscription.loop.call_soon_threadsafe(subscription.offer, event)
