"""A run: subscribers connect, messages are published, and what each subscriber heard is kept."""

from __future__ import annotations

import asyncio
import errno
import resource
import ssl
import time
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from gates import __version__
from gates.domain.errors import StageError
from gates.formats.broadcast_plan import BroadcastPlan, BroadcastProtocol, TokenReader
from gates.formats.broadcast_record import BroadcastRecord, Lag, Life, Sent, Trouble
from gates.traffic.broadcast_login import signed_in
from gates.traffic.broadcast_subscriber import Subscriber
from gates.traffic.broadcast_talk import EventStreamTalk, Talk, WebSocketTalk
from gates.traffic.broadcast_trigger import NotPublishedError, Published, publish
from gates.traffic.broadcast_wire import Pump, RefusedError, Wire, now_us, reason

AT_ONCE = 50
"""Handshakes that are under way at once; more would only fill the service's backlog."""

TICK_S = 0.005
"""Time between two looks at the program's own lag."""

LATE_US = 5000
"""From when on such a look is late."""

SPARE_FILES = 64
"""Files besides the connections that may be open."""

_LOOK_S = 0.01

_OURS = frozenset({
    errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.ENOBUFS, errno.ENOMEM,
})  # fmt: skip
"""Errors of a connection that tell of this machine, and not of the service."""


class _OursError(Exception):
    """The program itself cannot go on."""


class LagProbe:
    """A timer that notes how late it is, since then every receipt may be noted late."""

    __slots__ = ("_due", "_handle", "late", "probes", "worst_us")

    def __init__(self) -> None:
        """Start looking."""
        self.probes = self.late = self.worst_us = 0
        self._due = 0
        self._next()

    def stop(self) -> None:
        """Stop looking."""
        self._handle.cancel()

    def _next(self) -> None:
        self._due = now_us() + int(TICK_S * 1e6)
        self._handle = asyncio.get_running_loop().call_later(TICK_S, self._look)

    def _look(self) -> None:
        late_us = max(0, now_us() - self._due)
        self.probes += 1
        self.late += late_us > LATE_US
        self.worst_us = max(self.worst_us, late_us)
        self._next()


class Session:
    """One run of a plan."""

    def __init__(self, plan: BroadcastPlan, environ: Mapping[str, str]) -> None:
        """Prepare a run; values of `headers_from` are taken from the environment."""
        self._plan = plan
        self._environ = environ
        self._headers: tuple[tuple[str, str], ...] = plan.headers
        self._subscribe = plan.subscribe
        self._reader = TokenReader(plan.nonce, plan.pointer, is_named=bool(plan.answer))
        self._names: dict[str, int] = {}
        self._subscribers = [Subscriber(number) for number in range(plan.subscribers)]
        self._sent: list[Sent] = []
        self._pump = Pump()
        self._begun_us = now_us()
        self._begun_cpu_ns = time.process_time_ns()

    async def run(self) -> BroadcastRecord:
        """Run to the end; what hinders the program itself is told in the record."""
        trouble = None
        probe = None
        try:
            _allow_files(self._plan.subscribers)
            self._headers += _from_environment(self._plan, self._environ)
            await self._sign_in()
            await self._connect(self._subscribers)
            if any(each.is_connected for each in self._subscribers):
                await self._pause(self._plan.settle_us)
                probe = LagProbe()
                await self._rounds()
                await self._pause(self._plan.listen_us)
        except _OursError as error:
            trouble = Trouble("generator-trouble", str(error))
        except NotPublishedError as error:
            trouble = Trouble("trigger-refused", f"message {len(self._sent)}: {error}")
        except StageError as error:
            trouble = Trouble(error.problem.slug, error.problem.summary)
        if probe is not None:
            probe.stop()
        self._end()
        return self._record(probe, trouble)

    async def _sign_in(self) -> None:
        if self._plan.login is not None:
            header, self._subscribe = await signed_in(self._plan, self._plan.login)
            self._headers += (header,)

    async def _rounds(self) -> None:
        plan = self._plan
        await self._publish(plan.messages)
        await self._wait()
        if not plan.reconnect:
            return
        dropped = [each for each in self._subscribers if each.is_connected][-plan.reconnect :]
        await self._drop(dropped)
        missed = (plan.messages + 1) // 2 if plan.replay else 0
        await self._publish(missed)
        await self._connect(dropped)
        await self._pause(plan.settle_us)
        await self._publish(plan.messages - missed)
        await self._wait()

    async def _publish(self, messages: int) -> None:
        for _ in range(messages):
            done = await publish(self._plan, len(self._sent), self._headers, self._begun_us)
            if done.name:
                self._learn(done)
            self._sent.append(done.sent)
            await asyncio.sleep(self._plan.pause_us / 1e6)

    def _learn(self, done: Published) -> None:
        earlier = self._names.setdefault(done.name, done.sent.number)
        if earlier != done.sent.number:
            raise NotPublishedError(f"its answer names it {done.name}, as message {earlier} is")
        for each in self._subscribers:
            each.learn(done.name, done.sent)

    async def _wait(self) -> None:
        """Wait until every connected subscriber has all, or until the deadline is past.

        It is waited for distinct messages and not for their number: one that comes twice would
        else hide one that is lost. And it is waited twice as long as the deadline, so that what is
        late is told from what is lost.
        """
        until_us = now_us() + 2 * self._plan.deadline_us
        while now_us() < until_us:
            lacking = (
                each
                for each in self._subscribers
                if each.is_connected and len(each.seen) < len(self._sent)
            )
            if self._pump.is_empty.is_set() and next(lacking, None) is None:
                return
            await asyncio.sleep(_LOOK_S)

    async def _pause(self, pause_us: int) -> None:
        await asyncio.sleep(pause_us / 1e6)
        await self._pump.is_empty.wait()

    async def _connect(self, subscribers: Sequence[Subscriber]) -> None:
        places = asyncio.Semaphore(AT_ONCE)
        done = await asyncio.gather(
            *(self._join(each, places) for each in subscribers), return_exceptions=True
        )
        for error in done:
            if error is not None:
                raise error

    async def _join(self, subscriber: Subscriber, places: asyncio.Semaphore) -> None:
        why = ""
        async with places:
            wire = Wire(
                self._talk(subscriber),
                self._pump,
                lambda text, at_us: self._hear(subscriber, text, at_us),
                self._plan.confirmed,
            )
            try:
                async with asyncio.timeout(self._plan.connect_us / 1e6):
                    await self._open(wire)
                    ready_us = await wire.joined
            except TimeoutError:
                why = f"not connected within {self._plan.connect_us / 1e6:g} s"
            except RefusedError as error:
                why = str(error)
            except OSError as error:
                if error.errno in _OURS:
                    raise _OursError(
                        f"{error.strerror}, at subscriber {subscriber.number}"
                    ) from None
                why = reason(error)
            else:
                subscriber.wire = wire
                subscriber.ready_us = ready_us - self._begun_us
                wire.gone.add_done_callback(lambda gone: self._lost(subscriber, wire, gone))
                return
        wire.drop()
        subscriber.lives.append(Life(None, now_us() - self._begun_us, why))

    async def _open(self, wire: Wire) -> None:
        url = urlsplit(self._plan.url)
        secure = url.scheme == "https"
        await asyncio.get_running_loop().create_connection(
            lambda: wire,
            url.hostname or "",
            url.port or (443 if secure else 80),
            ssl=ssl.create_default_context() if secure else None,
        )

    def _talk(self, subscriber: Subscriber) -> Talk:
        plan = self._plan
        number = str(subscriber.number)
        path = plan.path.replace("{subscriber}", number)
        if plan.protocol is BroadcastProtocol.SSE:
            return EventStreamTalk(plan.url, path, self._headers, subscriber.last_id)
        subscribe = self._subscribe.replace("{subscriber}", number)
        return WebSocketTalk(plan.url, path, self._headers, subscribe)

    def _hear(self, subscriber: Subscriber, text: str, at_us: int) -> None:
        told = self._reader.told(text)
        if told.name:
            self._hear_name(subscriber, told.name, at_us - self._begun_us)
            return
        for number in told.numbers:
            subscriber.hear(number, at_us - self._begun_us)
        subscriber.misplaced += told.is_misplaced
        subscriber.broken += told.is_broken
        subscriber.foreign += not (told.numbers or told.is_misplaced or told.is_broken)

    def _hear_name(self, subscriber: Subscriber, name: str, at_us: int) -> None:
        number = self._names.get(name)
        if number is None:  # the service may tell all before it answers who published
            subscriber.unnamed.append((name, at_us))
        else:
            subscriber.hear(number, at_us)

    def _lost(
        self, subscriber: Subscriber, wire: Wire, gone: asyncio.Future[tuple[int, str]]
    ) -> None:
        if subscriber.wire is wire:
            at_us, why = gone.result()
            self._ended(subscriber, Life(subscriber.ready_us, at_us - self._begun_us, why))

    async def _drop(self, subscribers: Sequence[Subscriber]) -> None:
        standing = [(each, each.wire) for each in subscribers if each.wire is not None]
        for each, wire in standing:
            each.last_id = wire.talk.last_id
            life = Life(each.ready_us, now_us() - self._begun_us, "dropped", was_dropped=True)
            self._ended(each, life)
            wire.drop()
        await asyncio.gather(*(wire.gone for _, wire in standing))

    @staticmethod
    def _ended(subscriber: Subscriber, life: Life) -> None:
        subscriber.lives.append(life)
        subscriber.wire = None
        subscriber.ready_us = None

    def _end(self) -> None:
        for each in self._subscribers:
            if each.wire is not None:
                wire = each.wire
                self._ended(each, Life(each.ready_us))
                wire.drop()

    def _record(self, probe: LagProbe | None, trouble: Trouble | None) -> BroadcastRecord:
        plan = self._plan
        lag = Lag(0, 0, 0)
        if probe is not None:
            cpu_us = (time.process_time_ns() - self._begun_cpu_ns) // 1000
            lag = Lag(probe.probes, probe.late, probe.worst_us, cpu_us)
        return BroadcastRecord(
            nonce=plan.nonce,
            version=__version__,
            protocol=plan.protocol,
            subscribers=plan.subscribers,
            messages=plan.published,
            deadline_us=plan.deadline_us,
            sent=tuple(self._sent),
            heard=tuple(each.heard() for each in self._subscribers),
            lag=lag,
            trouble=trouble,
        )


def _allow_files(subscribers: int) -> None:
    """Let so many files be open as the subscribers take."""
    needed = subscribers + SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed:
        summary = f"{subscribers} subscribers take {needed} open files, and only {hard} are allowed"
        raise _OursError(f"{summary} (`ulimit -Hn`)")
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def _from_environment(
    plan: BroadcastPlan, environ: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    for _, name in plan.headers_from:
        if not environ.get(name):
            raise _OursError(f"the environment variable `{name}` is not set")
    return tuple((header, environ[name]) for header, name in plan.headers_from)
