from __future__ import annotations

import pytest

from gates.domain.errors import StageError
from gates.toolkit.postgres_address import environment


def test_an_address_becomes_variables() -> None:
    found = environment("postgresql://app:p%40ss@127.0.0.1:5433/orders", allowed=frozenset())

    assert found == {
        "PGHOST": "127.0.0.1",
        "PGPORT": "5433",
        "PGUSER": "app",
        "PGPASSWORD": "p@ss",  # pragma: allowlist secret
        "PGDATABASE": "orders",
        "PGCONNECT_TIMEOUT": "10",
    }


def test_what_is_left_out_stays_out_and_drivers_do_not_matter() -> None:
    found = environment("postgresql+asyncpg://db.example/orders", allowed=frozenset({"db.example"}))

    assert (found["PGHOST"], found["PGPORT"]) == ("db.example", "5432")
    assert "PGPASSWORD" not in found
    assert "PGUSER" not in found


@pytest.mark.parametrize(
    "url",
    ["", "mysql://127.0.0.1/a", "postgresql:///a", "postgres://127.0.0.1", "postgres://h:x/a"],
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(StageError, match="is no address of a PostgreSQL database"):
        environment(url, allowed=frozenset())


def test_a_database_elsewhere_is_never_reset() -> None:
    with pytest.raises(StageError, match=r"is on `db\.example`"):
        environment("postgresql://db.example/orders", allowed=frozenset({"other.example"}))
