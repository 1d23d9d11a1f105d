from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from orders.clock import utc_now
from orders.container import Container
from orders.errors import ConflictError, InvalidTransitionError, OutOfStockError
from orders.models import Order, OrderEvent, OrderLine, OrderStatus, Product, Role
from orders.repositories import products
from orders.services.ordering import NewOrder, WantedLine
from orders.services.samples import MANY, add_samples
from orders.tokens import Identity

PASSWORD = "correct horse battery"  # pragma: allowlist secret


def _admin(parts: Container) -> Identity:
    user = parts.accounts.register("root@example.com", PASSWORD, Role.ADMIN)
    return Identity(user.id, Role.ADMIN)


def _customer(parts: Container) -> Identity:
    return Identity(parts.accounts.register("ada@example.com", PASSWORD).id, Role.CUSTOMER)


def _product(parts: Container, sku: str, stock: int) -> int:
    seller = Identity(0, Role.ADMIN)
    return parts.catalogue.create(seller, sku=sku, name=sku, price_cents=690, stock=stock).id


def _rows(parts: Container, table: type[Order | OrderLine | OrderEvent]) -> int:
    with parts.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_last_pieces_are_sold_once(parts: Container) -> None:
    tea, customer = _product(parts, "TEA", 5), _customer(parts)

    def buy(_: int) -> bool:
        try:
            parts.ordering.create(customer, NewOrder(lines=[WantedLine(tea, 1)]))
        except OutOfStockError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(buy, range(16))) == 5
    assert parts.catalogue.get(tea).stock == 0
    assert _rows(parts, Order) == 5


def test_crossed_orders_neither_block_nor_lose_stock(parts: Container) -> None:
    tea, mug = _product(parts, "TEA", 50), _product(parts, "MUG", 50)
    customer = _customer(parts)

    def buy(number: int) -> None:
        pair = [WantedLine(tea, 1), WantedLine(mug, 1)]
        parts.ordering.create(customer, NewOrder(lines=pair if number % 2 else pair[::-1]))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(buy, range(12)))
    assert (parts.catalogue.get(tea).stock, parts.catalogue.get(mug).stock) == (38, 38)


def test_a_line_that_cannot_be_had_undoes_the_others(parts: Container) -> None:
    tea, mug = _product(parts, "TEA", 5), _product(parts, "MUG", 0)
    with pytest.raises(OutOfStockError):
        parts.ordering.create(
            _customer(parts), NewOrder(lines=[WantedLine(tea, 2), WantedLine(mug, 1)])
        )
    assert parts.catalogue.get(tea).stock == 5
    assert _rows(parts, Order) == 0


def test_one_key_at_the_same_time_creates_one_order(parts: Container) -> None:
    tea, customer = _product(parts, "TEA", 50), _customer(parts)

    def buy(_: int) -> int:
        wanted = NewOrder(lines=[WantedLine(tea, 1)])
        try:
            return parts.ordering.create(customer, wanted, "key-0001").order.id
        except ConflictError:  # the database refused a second one, and the caller may ask again
            return parts.ordering.create(customer, wanted, "key-0001").order.id

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(buy, range(8)))) == 1
    assert parts.catalogue.get(tea).stock == 49
    assert _rows(parts, Order) == 1


def test_an_order_is_cancelled_once_and_gives_its_stock_back_once(parts: Container) -> None:
    tea, customer = _product(parts, "TEA", 5), _customer(parts)
    order = parts.ordering.create(customer, NewOrder(lines=[WantedLine(tea, 2)])).order

    def cancel(_: int) -> bool:
        try:
            parts.ordering.move(customer, order.id, OrderStatus.CANCELLED)
        except InvalidTransitionError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(cancel, range(8))) == 1
    assert parts.catalogue.get(tea).stock == 5
    assert _rows(parts, OrderEvent) == 2


def test_a_reader_sees_no_half_done_write(parts: Container) -> None:
    tea = _product(parts, "TEA", 7)
    is_written, is_read = Event(), Event()

    def write() -> None:
        with parts.database.writing() as session:
            products.give_back(session, tea, 3)
            session.flush()
            is_written.set()
            assert is_read.wait(10)

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(write)
        assert is_written.wait(10)
        before = parts.catalogue.get(tea).stock
        is_read.set()
        done.result()
    assert (before, parts.catalogue.get(tea).stock) == (7, 10)


def test_the_database_itself_refuses_what_cannot_be(parts: Container) -> None:
    _product(parts, "TEA", 1)
    with pytest.raises(IntegrityError), parts.database.writing() as session:
        session.execute(text("UPDATE products SET stock = -1"))
    with pytest.raises(ConflictError):
        _product(parts, "TEA", 1)
    ghost = Identity(999, Role.CUSTOMER)
    with parts.database.reading() as session:
        tea = session.scalars(select(Product.id)).one()
    with pytest.raises(ConflictError):
        parts.ordering.create(ghost, NewOrder(lines=[WantedLine(tea, 1)]))
    assert parts.catalogue.get(tea).stock == 1


def test_an_order_goes_with_its_lines_and_its_history(parts: Container) -> None:
    tea, customer = _product(parts, "TEA", 5), _customer(parts)
    order = parts.ordering.create(customer, NewOrder(lines=[WantedLine(tea, 2)])).order
    assert (_rows(parts, OrderLine), _rows(parts, OrderEvent)) == (1, 1)
    parts.ordering.delete(_admin(parts), order.id)
    assert (_rows(parts, OrderLine), _rows(parts, OrderEvent)) == (0, 0)
    assert parts.catalogue.get(tea).stock == 5


def test_samples_are_put_on_sale_once(parts: Container) -> None:
    for _ in range(2):
        add_samples(parts.database, utc_now)
    with parts.database.reading() as session:
        found = session.scalars(select(Product.name)).all()
    assert len(found) == MANY
