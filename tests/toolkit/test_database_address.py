from __future__ import annotations

from pathlib import Path

import pytest

from gates.plugin import StageError
from gates.toolkit.database_address import chosen, scheme

OWN = Path("/project/own.sqlite")
SERVICES = {"http://127.0.0.1:80": "127.0.0.1", "postgresql://p@db.example:1/x": "db.example"}


def test_without_anything_it_is_a_file_of_its_own() -> None:
    assert chosen("", {}, own=OWN) == "sqlite:////project/own.sqlite"


def test_the_first_service_that_is_a_database() -> None:
    assert chosen("", SERVICES, own=OWN) == "postgresql://p@db.example:1/x"


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///a.db",
        "mysql+pymysql://u@localhost/x",
        "postgresql+asyncpg://u:p@[::1]:5432/x",
        "postgresql://u@db.example/x",
    ],
)
def test_an_address_that_is_named(url: str) -> None:
    assert chosen(url, SERVICES, own=OWN) == url


@pytest.mark.parametrize(
    ("url", "services", "slug"),
    [
        ("", {"http://127.0.0.1:80": "127.0.0.1"}, "no-database"),
        ("postgresql://u@production.example/x", SERVICES, "database-elsewhere"),
        ("postgresql://u@db.example/x", {}, "database-elsewhere"),
        ("orders.db", {}, "database-address"),
        ("postgresql:///x", {}, "database-address"),
        ("postgresql://[x", {}, "database-address"),
    ],
)
def test_an_address_that_is_refused(url: str, services: dict[str, str], slug: str) -> None:
    with pytest.raises(StageError) as caught:
        chosen(url, services, own=OWN)
    assert caught.value.problem.slug == slug


def test_the_scheme_without_its_driver() -> None:
    assert scheme("postgresql+psycopg://a@b/c") == "postgresql"
