from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from orders.errors import ConflictError, OutOfStockError
from orders.models import Order, Role
from orders.repositories import orders
from orders.services.ordering import NewOrder, WantedLine
from orders.tokens import Identity
from shop import Shop


def _customer(shop: Shop) -> Identity:
    return shop.parts.signer.read(shop.token("ada@example.com"))


def test_the_last_pieces_are_sold_once(shop: Shop) -> None:
    tea = shop.add_product(stock=5)
    customer = _customer(shop)

    def buy(_: int) -> bool:
        try:
            shop.parts.ordering.create(customer, NewOrder(lines=[WantedLine(tea["id"], 1)]))
        except OutOfStockError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(buy, range(16))) == 5
    assert shop.stock(tea["id"]) == 0


def test_crossed_orders_neither_block_nor_lose_stock(shop: Shop) -> None:
    tea = shop.add_product("TEA-1", stock=50)["id"]
    mug = shop.add_product("MUG-1", stock=50)["id"]
    customer = _customer(shop)

    def buy(number: int) -> None:
        pair = [WantedLine(tea, 1), WantedLine(mug, 1)]
        lines = pair if number % 2 else pair[::-1]
        shop.parts.ordering.create(customer, NewOrder(lines=lines))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(buy, range(12)))
    assert (shop.stock(tea), shop.stock(mug)) == (38, 38)


def test_one_key_at_the_same_time_creates_one_order(shop: Shop) -> None:
    tea = shop.add_product(stock=50)["id"]
    customer = _customer(shop)

    def buy(_: int) -> int:
        wanted = NewOrder(lines=[WantedLine(tea, 1)])
        return shop.parts.ordering.create(customer, wanted, "key-0001").order.id

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(buy, range(8)))) == 1
    assert shop.stock(tea) == 49


def test_a_lost_race_for_a_key_is_a_conflict(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    tea = shop.add_product(stock=50)["id"]
    customer = _customer(shop)
    wanted = NewOrder(lines=[WantedLine(tea, 1)])
    shop.parts.ordering.create(customer, wanted, "key-0001")
    monkeypatch.setattr(orders, "by_idempotency_key", lambda *_: None)
    with pytest.raises(ConflictError, match="another request"):
        shop.parts.ordering.create(customer, wanted, "key-0001")
    assert shop.stock(tea) == 49


def test_a_failure_after_the_reservation_undoes_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    tea = shop.add_product(stock=5)["id"]
    customer = _customer(shop)

    def fail(*_: object) -> None:
        raise RuntimeError("the power went out")

    monkeypatch.setattr(orders, "add", fail)
    with pytest.raises(RuntimeError, match="power"):
        shop.parts.ordering.create(customer, NewOrder(lines=[WantedLine(tea, 2)]))
    monkeypatch.undo()
    assert shop.stock(tea) == 5
    with shop.parts.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Order)) == 0


def test_an_order_of_a_vanished_customer_is_refused(shop: Shop) -> None:
    tea = shop.add_product(stock=5)["id"]
    ghost = Identity(user_id=999, role=Role.CUSTOMER)
    with pytest.raises(ConflictError):
        shop.parts.ordering.create(ghost, NewOrder(lines=[WantedLine(tea, 1)]))
    assert shop.stock(tea) == 5
