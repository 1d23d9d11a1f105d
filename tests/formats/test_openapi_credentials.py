from __future__ import annotations

from collections.abc import Mapping

import pytest
from formats.openapi_samples import document, get

from gates.domain.errors import OutputUnreadable
from gates.formats.openapi_credentials import Demand, demands


def ways(*schemes: Mapping[str, object], named: str = "s") -> tuple[Demand, ...]:
    """The ways to get in where all of the schemes are asked for together."""
    declared = {f"{named}{number}": each for number, each in enumerate(schemes)}
    asked: list[dict[str, list[str]]] = [{name: [] for name in declared}]
    made = document({"/a": get(security=asked)}, components={"securitySchemes": declared})
    return demands(made, made.operations[0])


def flows(**each: object) -> dict[str, object]:
    return {"type": "oauth2", "flows": each}


TOKEN = {"tokenUrl": "/token", "scopes": {}}
BEARER = {"type": "http", "scheme": "bearer"}
KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}
OPEN_ID = {"type": "openIdConnect", "openIdConnectUrl": "https://a.example"}


@pytest.mark.parametrize(
    ("old", "new", "is_same"),
    [
        (BEARER, {**BEARER, "scheme": "Bearer"}, True),
        (BEARER, {**BEARER, "description": "a", "bearerFormat": "JWT"}, True),
        (BEARER, {**BEARER, "scheme": "basic"}, False),
        (KEY, {**KEY, "name": "x-key"}, True),
        (KEY, {**KEY, "name": "X-Other"}, False),
        (KEY, {**KEY, "in": "query"}, False),
        ({**KEY, "in": "query"}, {**KEY, "in": "query", "name": "x-key"}, False),
        (OPEN_ID, {**OPEN_ID, "openIdConnectUrl": "https://b.example"}, False),
        (flows(password=TOKEN), flows(clientCredentials=TOKEN), False),
        (flows(password=TOKEN), flows(password={**TOKEN, "tokenUrl": "/other"}), False),
        (flows(password=TOKEN), flows(password={**TOKEN, "scopes": {"a": "b"}}), True),
        (flows(implicit={"authorizationUrl": "/a"}), flows(implicit={}), False),
        (flows(password=TOKEN, **{"x-a": {}}), flows(password=TOKEN), True),
        (flows(), flows(**{"x-a": {}}), True),
        (flows(), {"type": "oauth2"}, True),
        (flows(), flows(password=TOKEN), False),
    ],
)
def test_a_scheme_is_what_a_client_must_know(
    old: dict[str, object], new: dict[str, object], *, is_same: bool
) -> None:
    assert (ways(old) == ways(new, named="other")) is is_same


def test_each_flow_is_a_way_and_so_is_each_refreshing() -> None:
    one, both = ways(flows(password=TOKEN)), ways(flows(password=TOKEN, clientCredentials=TOKEN))
    assert set(one) < set(both)
    refreshed = ways(flows(password={**TOKEN, "refreshUrl": "/refresh"}))
    assert set(one) < set(refreshed)
    other = ways(flows(password={**TOKEN, "refreshUrl": "/other"}))
    assert set(refreshed) & set(other) == set(one)
    assert len(ways(flows(password=TOKEN, clientCredentials=TOKEN), KEY)) == 2


def test_a_scheme_may_be_a_reference() -> None:
    named = {"$ref": "#/components/securitySchemes/s1"}
    assert ways(named, KEY)[0] == ways(KEY)[0]


def test_too_many_ways_are_refused() -> None:
    several = [flows(**{str(flow): TOKEN for flow in range(11)}) for _ in range(3)]
    with pytest.raises(OutputUnreadable, match="more than 1000 ways to get in"):
        ways(*several)


def test_none_are_needed_where_none_are_asked_for() -> None:
    (bare,) = (made := document({"/a": get()})).operations
    assert demands(made, bare) == (frozenset(),)
