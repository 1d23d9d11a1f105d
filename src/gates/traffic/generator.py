"""The open-loop generator: each request starts at its moment, whatever the service does.

Its time counts from that moment, also where it first waits for a connection or for the generator
itself, so that a service that stalls pays for everyone who came meanwhile (no coordinated
omission). The generator looks every 10 ms whether it is late, and says what it takes of a core.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Iterator

from gates.formats.load_arrivals import arrivals, numbers
from gates.formats.load_checks import failure, leads_elsewhere
from gates.formats.load_plan import LoadPlan, at
from gates.formats.load_response import Response
from gates.formats.load_turns import turns
from gates.traffic.connection import Connection, Sent, Success
from gates.traffic.message import Field, Messages
from gates.traffic.pool import Place, Pool
from gates.traffic.tally import Tally

BATCH = 200
"""Requests that are started before answers are looked at again."""

HOLD_TICK_S = 0.1
"""How often connections that are to stay open are counted, and lost ones opened anew."""

FILL_S = 60.0
"""Seconds in which the first connections are opened."""

_FEWEST_OPEN = 8
_OPEN_SHARE = 0.05  # of the requests of a second, opened beforehand
_LEAD_S = 0.05  # between the last preparation and the first request


class Generator:
    """One run."""

    def __init__(self, plan: LoadPlan, place: Place, *, fields: tuple[Field, ...] = ()) -> None:
        """Prepare it, in the loop that will run it.

        Args:
            plan: what to do.
            place: where the service is.
            fields: what each request carries besides its own fields.
        """
        self.plan = plan
        self.tally = Tally(plan)
        self.pool = Pool(place, self, self._refuse, limit=plan.connections)
        self._loop = asyncio.get_running_loop()
        messages = Messages(plan.url, seed=plan.seed, more=fields)
        self._makers = tuple(messages.maker(request) for request in plan.requests)
        names = plan.endpoints
        self._endpoints = tuple(names.index(request.name) for request in plan.requests)
        warmup, measured = numbers(plan)
        weights = tuple(request.weight for request in plan.requests)
        self._turns = turns(weights, warmup=warmup, measured=measured)
        self._moments: Iterator[float] = arrivals(plan)
        self._next = next(self._moments, math.inf)
        self._began = 0.0
        self._stop = asyncio.Event()
        self._stopped_at = math.inf
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._probe_due = 0.0
        self._cpu = (0.0, 0.0)
        self._is_over = False

    @property
    def now(self) -> float:
        """Seconds since the measured phase began; below 0 in the warm-up."""
        return self._loop.time() - self._began

    def stop(self) -> None:
        """End the run early, with a record of what was done."""
        self._stopped_at = min(self._stopped_at, self.now)
        self._stop.set()

    async def run(self) -> tuple[float, float]:
        """Run to the end.

        Returns:
            When the measured phase began, in seconds since the epoch, and how long it lasted.
        """
        plan = self.plan
        self._began = math.inf
        await self._prepare()
        self._began = self._loop.time() + plan.warmup_s + _LEAD_S
        started = time.time() + plan.warmup_s + _LEAD_S
        self._probe_due = min(self.tally.seconds)
        self._cpu = (self.now, time.process_time())
        self._send_due()
        self._probe()
        self._end_second()
        self._hold()
        await self._until(plan.duration_s)
        lasted = max(min(self._stopped_at, plan.duration_s), 0.0)
        await self._settle()
        for timer in self._timers.values():
            timer.cancel()
        await self.pool.close()
        return started, lasted

    async def _prepare(self) -> None:
        plan = self.plan
        if plan.held:
            self.pool.wanted = math.ceil(plan.held[0][0])
            count = max(self.pool.wanted, 1)
        else:
            most = max(max(start, end) for start, end, _ in plan.rates)
            count = max(_FEWEST_OPEN, math.ceil(most * _OPEN_SHARE))
        await self.pool.fill(count, within_s=FILL_S)

    async def _until(self, moment: float) -> None:
        """Wait for a moment, or for the end of the run before it."""
        left = moment - self.now
        if left > 0 and not self._stop.is_set():
            try:
                async with asyncio.timeout(left):
                    await self._stop.wait()
            except TimeoutError:
                return

    async def _settle(self) -> None:
        """Wait for answers until all are there, the patience is over, or the run is ended."""
        if "send" in self._timers:  # a run without a single request never started it
            self._timers.pop("send").cancel()
        if not self._stop.is_set():
            self._end_second(whole=False)
        self._is_over = True
        self._end_if_idle()
        await self._until(self.plan.duration_s + self.plan.patience_s)

    def _send_due(self) -> None:
        """Start what is due, at most a batch of it, and come back for the rest."""
        for _ in range(BATCH):
            if self._next > self.now or self._is_over:
                break
            self._send(self._next)
            self._next = next(self._moments, math.inf)
        if self._next < math.inf:
            moment = self._began + self._next
            self._timers["send"] = self._loop.call_at(moment, self._send_due)

    def _send(self, moment: float) -> None:
        index = next(self._turns)
        request = self.plan.requests[index]
        self.pool.send(
            Sent(
                message=self._makers[index](),
                index=index,
                second=self.tally.asked(moment, self._endpoints[index]),
                moment=moment,
                bodiless=request.method == "HEAD",
                keep=request.reads_body,
            )
        )

    def answered(self, connection: Connection, sent: Sent, response: Response) -> None:
        """Count an answer, once the connection carries the next request."""
        now = self.now
        self.pool.release(connection)
        request, endpoint = self.plan.requests[sent.index], self._endpoints[sent.index]
        reason = failure(request, response)
        if reason:
            connection.success = None
            self.tally.failed(sent.second, endpoint, reason)
        else:
            led = leads_elsewhere(request, response)
            success = Success(sent.second, endpoint, now - sent.moment, led_elsewhere=led)
            connection.success = success
            self.tally.succeeded(success)
        self._end_if_idle()

    def spoilt(self, success: Success, reason: str) -> None:
        """Count an answer as a failure that seemed to be a success until more came."""
        self.tally.took_back(success, reason)

    def broke(self, connection: Connection, sent: Sent, reason: str) -> None:
        """Count a request that gets no answer."""
        del connection  # it tells that it is lost by itself
        self._refuse(sent, reason)

    def lost(self, connection: Connection) -> None:
        """A connection is closed."""
        self.pool.lost(connection)

    def _refuse(self, sent: Sent, reason: str) -> None:
        self.tally.failed(sent.second, self._endpoints[sent.index], reason)
        self._end_if_idle()

    def _end_if_idle(self) -> None:
        """End the wait for answers once there is none left to come."""
        if self._is_over and not self.tally.open:
            self._stop.set()

    def _probe(self) -> None:
        self._probe_due = self.tally.probed(self._probe_due, self.now)
        self._timers["probe"] = self._loop.call_at(self._began + self._probe_due, self._probe)

    def _end_second(self, *, whole: bool = True) -> None:
        """Share what the generator took of a core among the seconds since it was last asked."""
        now, taken = self.now, time.process_time()
        began, before = self._cpu
        share = (taken - before) / (now - began) if now > began else 0.0
        for at_second in range(math.floor(began), math.floor(now) + (not whole)):
            if at_second in self.tally.seconds:
                self.tally.seconds[at_second].cpu = share
        if math.floor(now) > math.floor(began) or not whole:
            self._cpu = (now, taken)
        if whole:
            moment = self._began + math.floor(now) + 1
            self._timers["second"] = self._loop.call_at(moment, self._end_second)

    def _hold(self) -> None:
        """Keep as many connections open as are to be, and note how many are."""
        if not self.plan.held:
            return
        self.pool.wanted = math.ceil(at(self.plan.held, self.now))
        self.pool.grow()
        self.pool.shrink()
        second = self.tally.seconds.get(math.floor(self.now))
        if second is not None:
            least = self.pool.open if second.held is None else second.held
            second.held = min(least, self.pool.open)
        self._timers["hold"] = self._loop.call_later(HOLD_TICK_S, self._hold)
