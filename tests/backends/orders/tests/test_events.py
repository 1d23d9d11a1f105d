import asyncio

import pytest
from fastapi.testclient import TestClient
from starlette.testclient import WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from orders.metrics import Metrics
from orders.models import Role
from orders.routes import events
from orders.services.events import QUEUE_LIMIT, Broadcaster, Event, Subscription
from orders.tokens import Identity
from shop import ADMIN_EMAIL, Shop, TurnableClock


def _sign_in(socket: WebSocketTestSession, token: str) -> None:
    socket.send_json({"token": token})
    assert socket.receive_json() == {"kind": "ready"}


def _event(clock: TurnableClock, number: int = 1) -> Event:
    return Event(kind="order.created", order_id=number, customer_id=1, status="pending", at=clock())


def test_every_subscriber_hears_an_order_in_order(shop: Shop) -> None:
    tea = shop.add_product()["id"]
    ada = shop.token("ada@example.com")
    with (
        shop.client.websocket_connect("/events") as first,
        shop.client.websocket_connect("/events") as second,
        shop.client.websocket_connect("/events") as admin,
    ):
        _sign_in(first, ada)
        _sign_in(second, ada)
        _sign_in(admin, shop.token(ADMIN_EMAIL))
        order = shop.order(tea)
        shop.move(order["id"], "paid")
        shop.client.patch(f"/orders/{order['id']}", json={"note": "door"}, headers=shop.signed_in())
        shop.move(order["id"], "cancelled")
        shop.client.delete(f"/orders/{order['id']}", headers=shop.signed_in())
        for socket in (first, second, admin):
            heard = [socket.receive_json() for _ in range(5)]
            assert [message["kind"] for message in heard] == [
                "order.created",
                "order.paid",
                "order.changed",
                "order.cancelled",
                "order.deleted",
            ]
            assert heard[0] == {
                "kind": "order.created",
                "order_id": order["id"],
                "status": "pending",
                "at": "2026-03-01T12:00:00Z",
            }


def test_a_customer_hears_only_of_their_own_orders(shop: Shop) -> None:
    tea = shop.add_product()["id"]
    with shop.client.websocket_connect("/events") as socket:
        _sign_in(socket, shop.token("ada@example.com"))
        shop.order(tea, email="eve@example.com")
        own = shop.order(tea, email="ada@example.com")
        assert socket.receive_json()["order_id"] == own["id"]


@pytest.mark.parametrize(
    "message", ["", "[]", "{}", '{"token": 1}', '{"token": "a.b"}', "not json"]
)
def test_a_subscriber_without_a_token_is_turned_away(refusing_shop: Shop, message: str) -> None:
    with refusing_shop.client.websocket_connect("/events") as socket:
        socket.send_text(message)
        with pytest.raises(WebSocketDisconnect) as caught:
            socket.receive_json()
    assert caught.value.code == 1008


def test_a_subscriber_who_stays_silent_is_turned_away(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "SIGN_IN_SECONDS", 0.0)
    with (
        shop.client.websocket_connect("/events") as socket,
        pytest.raises(WebSocketDisconnect) as caught,
    ):
        socket.receive_json()
    assert caught.value.code == 1008


def test_a_subscriber_may_leave_before_signing_in(shop: Shop) -> None:
    with shop.client.websocket_connect("/events") as socket:
        socket.close()
    assert "orders_event_subscribers 0.0" in shop.client.get("/metrics").text


def test_what_a_subscriber_says_later_is_ignored(shop: Shop) -> None:
    tea = shop.add_product()["id"]
    with shop.client.websocket_connect("/events") as socket:
        _sign_in(socket, shop.token("ada@example.com"))
        socket.send_text("hello?")
        shop.order(tea)
        assert socket.receive_json()["kind"] == "order.created"


def test_a_subscriber_who_left_is_forgotten(shop: Shop) -> None:
    with shop.client.websocket_connect("/events") as socket:
        _sign_in(socket, shop.token("ada@example.com"))
        assert "orders_event_subscribers 1.0" in shop.client.get("/metrics").text
    assert "orders_event_subscribers 0.0" in shop.client.get("/metrics").text


def test_a_slow_subscriber_is_told_to_leave(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Subscription, "wants", lambda *_: True)
    monkeypatch.setattr("orders.services.events.QUEUE_LIMIT", 1)
    tea = shop.add_product()["id"]
    with shop.client.websocket_connect("/events") as socket:
        _sign_in(socket, shop.token("ada@example.com"))
        shop.order(tea)
        with pytest.raises(WebSocketDisconnect) as caught:
            socket.receive_json()
    assert caught.value.code == 1013


def test_a_full_queue_is_emptied_and_ended(clock: TurnableClock) -> None:
    async def overflow() -> list[Event | None]:
        broadcaster = Broadcaster(Metrics())
        with broadcaster.subscribe(Identity(user_id=1, role=Role.CUSTOMER)) as subscription:
            for number in range(QUEUE_LIMIT):
                broadcaster.publish(_event(clock, number))
            await asyncio.sleep(0)
            return [subscription.queue.get_nowait() for _ in range(subscription.queue.qsize())]

    assert asyncio.run(overflow()) == [None]


def test_the_stream_does_not_block_the_service(shop: Shop) -> None:
    client: TestClient = shop.client
    with client.websocket_connect("/events"):
        assert client.get("/health").status_code == 200
