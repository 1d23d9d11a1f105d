from __future__ import annotations

import pytest
from executor.servers import stranger

from gates.domain.service import Ready, ReadyBy, ServicePlan
from gates.executor.service_ready import Readiness
from gates.executor.service_remote import RemoteService


@pytest.mark.parametrize(
    ("ready", "expected"),
    [
        (Ready(), ""),
        (Ready(by=ReadyBy.HTTP, value="/{port}"), ""),
        (Ready(by=ReadyBy.LOG, value="x{port}"), "no line of its log matches `x80`"),
        (
            Ready(by=ReadyBy.COMMAND, command=("true",)),
            "a command is run only for one started here",
        ),
    ],
)
def test_what_is_asked_of_one_elsewhere(ready: Ready, expected: str) -> None:
    with stranger() as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        service = RemoteService(ServicePlan(name="a", url=url, ready=ready), {"port": "80"})
        assert Readiness(service).why_not() == expected
