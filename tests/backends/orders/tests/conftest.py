"""What the tests share: a migrated database to copy, a clock to turn, and signed-in callers."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from orders.__main__ import migrate
from orders.app import create_app
from shop import ADMIN_EMAIL, PASSWORD, Shop, TurnableClock, make_settings

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "orders.db"
    migrate(make_settings(path), ROOT / "alembic.ini")
    return path


@pytest.fixture
def database_path(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(template, tmp_path / "orders.db"))


@pytest.fixture
def clock() -> TurnableClock:
    return TurnableClock()


def _open(path: Path, clock: TurnableClock) -> Iterator[Shop]:
    settings = make_settings(
        path, admin_email=ADMIN_EMAIL, admin_password=PASSWORD, signed_in_limit=10_000
    )
    app = create_app(settings, clock)
    with TestClient(app) as client:
        yield Shop(client, app, clock)


@pytest.fixture
def shop(database_path: Path, clock: TurnableClock) -> Iterator[Shop]:
    yield from _open(database_path, clock)


@pytest.fixture(scope="session")
def refusing_shop(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Shared by the tests that send only what is refused, and so change nothing."""
    path = Path(shutil.copy(template, tmp_path_factory.mktemp("refusing") / "orders.db"))
    yield from _open(path, TurnableClock())
