from __future__ import annotations

from collections.abc import Callable

from gates.domain.plan import Plan
from gates.domain.service import ITSELF, Ready, ReadyBy

TEXT = "version: 1\nservices: {my-db: {uses: postgres%s}, r: {uses: redis}}\nlevels: {1: [ruff]}\n"


def test_a_database_without_a_command(load_text: Callable[[str], Plan]) -> None:
    database, redis = load_text(TEXT % "").services
    assert database.run[:4] == (ITSELF, "-P", "-m", "gates.toolkit.postgres_launch")
    assert database.run[-2:] == ("--database", "my_db")
    assert database.address == "postgresql://postgres@{host}:{port}/my_db"
    assert database.ready.by is ReadyBy.LOG
    assert redis.run[0] == "redis-server"
    assert redis.address == "redis://{host}:{port}/0"


def test_when_it_is_ready_can_be_said(load_text: Callable[[str], Plan]) -> None:
    database = load_text(TEXT % ", ready: tcp, shared: true").services[0]
    assert database.ready == Ready()
    assert database.shared
