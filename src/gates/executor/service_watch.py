"""Watches the services of a gate while its stage measures."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from gates.domain.errors import StageError
from gates.domain.plan import GatePlan
from gates.domain.service import SCRAPE, SERVICE_METRICS
from gates.domain.stage_result import StageResult
from gates.executor import service_usage
from gates.executor.service_local import LocalService
from gates.executor.service_remote import place_of
from gates.executor.service_start import said
from gates.executor.services import Hosted
from gates.plugin import ServiceTrace, Usage
from gates.toolkit.readiness import Place, fetch

FETCHES = 5
"""How often a page is fetched: behind one port several processes may answer."""

PAGE_S = 5.0
"""Seconds that one fetch may take."""

_COPY_BYTES = 1 << 20

Pages = Mapping[str, tuple[bytes, ...]]


@dataclass(slots=True, kw_only=True)
class Watch:
    """Watches from just before the measurement to just after it.

    Attributes:
        gate: the gate.
        services: its services by name.
        asked: what other gates ask of it.
        folder: where what its service wrote meanwhile is kept.
        note: tells what every output must repeat.
    """

    gate: GatePlan
    services: Mapping[str, Hosted]
    asked: frozenset[str]
    folder: Path
    note: Callable[[str], None]
    trace: ServiceTrace | None = None
    _before: Pages = field(default_factory=dict)
    _sizes: tuple[int, ...] = ()
    _began: float = 0.0
    _since_s: float = 0.0

    @property
    def service(self) -> Hosted:
        """The service that the gate names."""
        return self.services[self.gate.service]

    def begin(self) -> None:
        """Look at the services just before the measurement.

        Raises:
            StageError: one of them is no longer itself.
        """
        self._before = self._pages()
        self._refuse_trouble("before it was measured")
        service = self.service
        self._sizes = tuple(log.stat().st_size for log in service.logs)
        self._began = time.monotonic()
        if isinstance(service, LocalService):
            service.sample()
            self._since_s = service.usage[-1].at_s if service.usage else 0.0

    def end(self, *, judges_death: bool) -> None:
        """Look at the services just after the measurement, whatever came of it.

        Args:
            judges_death: the stage itself tells where the service that it asks died. What becomes
                of those that this one needs, no stage sees.

        Raises:
            StageError: one of them is no longer itself.
        """
        service = self.service
        if isinstance(service, LocalService):
            service.sample()
        seconds = time.monotonic() - self._began
        is_itself = not any(each.trouble() for each in self.services.values())
        self.trace = ServiceTrace(
            name=service.name,
            logs=self._slices(),
            before=self._before,
            after=self._pages() if is_itself else {},
            seconds=seconds,
            usage=self._usage(),
        )
        excused = service.name if judges_death else ""
        self._refuse_trouble("while it was measured", excused=excused)

    def complete(self, result: StageResult) -> StageResult:
        """The result with what its conditions ask of the service.

        Raises:
            StageError: it could not be seen.
        """
        offered = {spec.name for spec in SERVICE_METRICS if spec in self.gate.specs}
        names = [each for each in service_usage.MEASURED if each in offered]
        if not names:
            return result
        seen = self.trace.usage if self.trace is not None else ()
        return replace(result, metrics=(*result.metrics, *service_usage.metrics(names, seen)))

    def _usage(self) -> tuple[Usage, ...]:
        return tuple(each for each in self.service.usage if each.at_s >= self._since_s)

    def _refuse_trouble(self, when: str, *, excused: str = "") -> None:
        for service in self.services.values():
            trouble = "" if service.name == excused else service.trouble()
            if trouble:
                summary = f"service `{service.name}` did not stay itself {when}: {trouble}"
                hint = f"see {service.logs[1]}" if service.logs else ""
                raise StageError("service-ended", summary + said(service.logs), hint=hint)

    def _pages(self) -> Pages:
        """The pages that other gates ask for, each fetched several times."""
        paths = sorted(
            {each.removeprefix(SCRAPE) for each in self.asked if each.startswith(SCRAPE)}
        )
        return {path: self._fetched(path) for path in paths}

    def _fetched(self, path: str) -> tuple[bytes, ...]:
        service = self.service
        place = Place(service.host, service.port)
        if not isinstance(service, LocalService):
            place = place_of(service.url)
        bodies: list[bytes] = []
        why = ""
        for _ in range(FETCHES):
            try:
                page = fetch(place, path, timeout_s=PAGE_S)
            except (OSError, ValueError) as error:
                why = f"{error}"
                continue
            if page.status == 200:  # noqa: PLR2004 - HTTP's "OK"
                bodies.append(page.body)
            else:
                why = f"status {page.status}"
        if why:
            missing = FETCHES - len(bodies)
            self.note(
                f"{missing} of {FETCHES} fetches of `{path}` of `{service.name}` failed: {why}"
            )
        return tuple(bodies)

    def _slices(self) -> tuple[Path, ...]:
        """What the service wrote since the measurement began, in files of their own.

        Only for gates that ask something: what nobody reads needs no copy.
        """
        made: list[Path] = []
        if not self.asked:
            return ()
        for log, size in zip(self.service.logs, self._sizes, strict=False):
            target = self.folder / f"measured{log.suffix}"
            with suppress(OSError), log.open("rb") as source, target.open("xb") as copy:
                source.seek(size)
                while piece := source.read(_COPY_BYTES):
                    copy.write(piece)
                made.append(target)
        return tuple(made)
