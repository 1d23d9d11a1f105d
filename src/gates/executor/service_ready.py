"""Whether a service that is starting can be asked yet, by what gates.yaml names."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import assert_never

from gates.domain.service import ReadyBy
from gates.executor.service_local import LocalService
from gates.executor.service_remote import RemoteService, place_of
from gates.toolkit.readiness import LogSearch, Place, why_not_http, why_not_tcp


@dataclass(slots=True)
class Readiness:
    """Asks one service, again and again.

    Attributes:
        service: the service.
        by_command: runs its `command:`, and answers why not.
    """

    service: LocalService | RemoteService
    by_command: Callable[[LocalService], str] | None = None
    _search: LogSearch | None = field(default=None)

    def why_not(self) -> str:
        """Why it cannot be asked yet, or empty."""
        service, ready = self.service, self.service.plan.ready
        match ready.by:
            case ReadyBy.HTTP:
                return why_not_http(self._place(), service.filled(ready.value))
            case ReadyBy.TCP:
                return why_not_tcp(self._place())
            case ReadyBy.LOG:
                return self._by_log(service.filled(ready.value))
            case ReadyBy.COMMAND:
                return self._by_command()
        assert_never(ready.by)

    def _place(self) -> Place:
        if isinstance(self.service, RemoteService):
            return place_of(self.service.url)
        return Place(self.service.host, self.service.port)

    def _by_command(self) -> str:
        if self.by_command is None or not isinstance(self.service, LocalService):
            return "a command is run only for one started here"
        return self.by_command(self.service)

    def _by_log(self, pattern: str) -> str:
        if self._search is None:
            self._search = LogSearch(re.compile(pattern), self.service.logs)
        return "" if self._search.is_found() else f"no line of its log matches `{pattern}`"
