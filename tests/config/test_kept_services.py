from __future__ import annotations

import json
from decimal import Decimal

import pytest

from gates.config.kept_services import plain, read
from gates.domain.service import Ready, ReadyBy, ServicePlan

WHOLE = ServicePlan(
    name="api",
    run=("a", "b c"),
    url="http://x",
    setup=(("a", "b"), ("c",)),
    ready=Ready(by=ReadyBy.COMMAND, value="v", command=("x", "y"), timeout_s=7),
    env=(("A", "1"), ("B", "2")),
    cwd="src",
    needs=("db",),
    shared=True,
    expected_traffic=Decimal(100) / 3,
    grace_s=3,
    address="redis://{host}",
    place="gates.yaml:1:2",
)


@pytest.mark.parametrize("service", [WHOLE, ServicePlan(name="db")])
def test_a_service_comes_back_as_it_was(service: ServicePlan) -> None:
    assert read(json.loads(json.dumps(plain(service)))) == service


@pytest.mark.parametrize(
    "value", [[], None, {**plain(WHOLE), "run": "a"}, {**plain(WHOLE), "needs": [1]}]
)
def test_what_is_damaged_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"not|no mapping"):
        read(json.loads(json.dumps(value)))
