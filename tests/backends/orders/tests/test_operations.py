import asyncio
import io
import json
import logging
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from orders import __version__
from orders.app import _refuse, create_app
from orders.errors import TooManyRequestsError
from orders.limits import Limiter
from orders.logs import LOGGERS, JsonFormatter, configure_logging
from orders.models import Role
from orders.tokens import Identity
from shop import Shop, TurnableClock, make_settings


def test_health_answers_without_a_database(tmp_path: Path) -> None:
    with TestClient(create_app(make_settings(tmp_path / "none.db"))) as client:
        assert client.get("/health").json() == {"status": "ok", "version": __version__}


def test_ready_needs_the_schema(tmp_path: Path, shop: Shop) -> None:
    assert shop.client.get("/ready").json()["status"] == "ok"
    with TestClient(create_app(make_settings(tmp_path / "empty.db"))) as client:
        answer = client.get("/ready")
    assert answer.status_code == 503
    assert answer.json()["code"] == "not_ready"


def test_the_metrics_are_valid_and_count(shop: Shop) -> None:
    shop.order(shop.add_product()["id"])
    shop.client.get("/nowhere")
    answer = shop.client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    families = {f.name: f for f in text_string_to_metric_families(answer.text)}
    samples = {
        (sample.name, sample.labels.get("route"), sample.labels.get("status")): sample.value
        for family in families.values()
        for sample in family.samples
    }
    assert samples["orders_created_total", None, None] == 1
    assert samples["orders_http_requests_total", "/orders", "201"] == 1
    assert samples["orders_http_requests_total", "unmatched", "404"] == 1
    assert samples["orders_db_query_seconds_count", None, None] > 0
    assert samples["orders_db_connections_active", None, None] == 0


def test_every_answer_carries_safe_headers_and_an_id(shop: Shop) -> None:
    answer = shop.client.get("/health", headers={"X-Request-ID": "trace-0001"})
    assert answer.headers["x-request-id"] == "trace-0001"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    replaced = shop.client.get("/health", headers={"X-Request-ID": "bad id\t"})
    assert len(replaced.headers["x-request-id"]) == 32


def test_an_anonymous_caller_is_limited(database_path: Path, clock: TurnableClock) -> None:
    app = create_app(make_settings(database_path, anonymous_limit=2), clock)
    with TestClient(app) as client:
        answers = [client.get("/products").status_code for _ in range(3)]
        assert answers == [200, 200, 429]
        assert client.get("/health").status_code == 200


def test_a_signed_in_caller_is_limited(database_path: Path, clock: TurnableClock) -> None:
    app = create_app(make_settings(database_path, signed_in_limit=2), clock)
    token = app.state.container.signer.issue(Identity(user_id=1, role=Role.CUSTOMER))
    headers = {"Authorization": f"Bearer {token}"}
    with TestClient(app) as client:
        answers = [client.get("/products", headers=headers) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[2].json()["code"] == "too_many_requests"
        assert answers[2].headers["retry-after"] == "900"
        clock.forward(900.5)
        assert client.get("/products", headers=headers).status_code == 200


def test_a_caller_without_an_address_is_limited_too(
    database_path: Path, clock: TurnableClock
) -> None:
    app = create_app(make_settings(database_path, anonymous_limit=1), clock)

    async def nameless(scope: object, receive: object, send: object) -> None:
        assert isinstance(scope, dict)
        await app({**scope, "client": None}, receive, send)  # type: ignore[arg-type]

    with TestClient(nameless) as client:
        assert client.get("/products").status_code == 200
        assert client.get("/products").status_code == 429


def test_the_limiter_makes_room(clock: TurnableClock) -> None:
    limiter = Limiter(60, clock, capacity=2)
    assert limiter.take("a", 3) == 2
    clock.forward(30)
    limiter.take("b", 3)
    clock.forward(30)
    limiter.take("c", 3)
    limiter.take("d", 3)
    limiter.take("d", 3)
    limiter.take("d", 3)
    with pytest.raises(TooManyRequestsError) as caught:
        limiter.take("d", 3)
    assert caught.value.retry_after == 60
    limiter.forget("d")
    assert limiter.take("d", 3) == 2


def test_the_log_is_json_in_utc_without_secrets(shop: Shop) -> None:
    stream = io.StringIO()
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [(logger.handlers, logger.level, logger.propagate) for logger in loggers]
    configure_logging(stream)
    try:
        shop.signed_in()
    finally:
        for logger, state in zip(loggers, before, strict=True):
            logger.handlers, logger.level, logger.propagate = state
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["path"] for line in lines] == ["/auth/register", "/auth/login"]
    assert lines[0]["status"] == 201
    assert lines[0]["time"].endswith("+00:00")
    assert "ada@example.com" not in stream.getvalue()


def test_the_log_carries_exceptions() -> None:
    error = ValueError("broken")
    record = logging.getLogger("orders").makeRecord(
        "orders", logging.ERROR, __file__, 1, "failed", (), (ValueError, error, None)
    )
    entry = json.loads(JsonFormatter().format(record))
    assert entry["level"] == "error"
    assert "ValueError: broken" in entry["exception"]


def test_the_document_is_openapi_3_1_and_complete(shop: Shop) -> None:
    document = shop.client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len(operations) == 17
    assert all(operation["summary"] and operation["description"] for operation in operations)
    assert all(operation["responses"] for operation in operations)


@pytest.mark.parametrize(
    ("path", "methods"),
    [("/orders/1", "DELETE, GET, PATCH"), ("/orders", "GET, POST"), ("/health", "GET")],
)
def test_a_wrong_method_is_told_all_right_ones(
    refusing_shop: Shop, path: str, methods: str
) -> None:
    answer = refusing_shop.client.put(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, methods)


def test_an_unexpected_error_is_counted_and_not_hidden(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> bytes:
        raise RuntimeError("broken")

    monkeypatch.setattr(shop.parts.metrics, "render", fail)
    with pytest.raises(RuntimeError, match="broken"):
        shop.client.get("/metrics")
    monkeypatch.undo()
    text = shop.client.get("/metrics").text
    assert 'method="GET",route="/metrics",status="500"} 1.0' in text


def test_a_body_that_cannot_be_read_is_refused(refusing_shop: Shop) -> None:
    headers = {"Content-Type": "application/json"}
    answer = refusing_shop.client.post("/auth/login", content=b"\xff", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "unreadable")


async def _refuse_anything(error: Exception) -> None:
    await _refuse(None, error)  # type: ignore[arg-type]


def test_only_our_own_errors_are_shown() -> None:
    with pytest.raises(KeyError):
        asyncio.run(_refuse_anything(KeyError("secret")))
