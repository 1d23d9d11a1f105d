"""Orders: creation with stock reservation, reading, and the way through their states."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from orders.clock import Clock
from orders.database import Database
from orders.errors import (
    ConflictError,
    IdempotencyConflictError,
    InvalidTransitionError,
    NotFoundError,
    NotOnSaleError,
    OutOfStockError,
)
from orders.metrics import Metrics
from orders.models import Order, OrderEvent, OrderLine, OrderStatus
from orders.repositories import orders, products
from orders.repositories.orders import OrderFilter
from orders.services.events import Broadcaster, Event
from orders.services.lifecycle import check_move
from orders.services.paging import Page, cut
from orders.tokens import Identity


@dataclass(frozen=True, slots=True)
class WantedLine:
    """A product and how many pieces of it."""

    product_id: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """What a customer wants to order."""

    lines: Sequence[WantedLine]
    note: str = ""

    def digest(self) -> str:
        """Return a fingerprint by which a repeated request is recognised."""
        content = [self.note, [[line.product_id, line.quantity] for line in self.lines]]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Created:
    """An order, and whether an earlier request with the same key had created it."""

    order: Order
    replayed: bool


class Ordering:
    """The use cases about orders."""

    def __init__(
        self, database: Database, broadcaster: Broadcaster, metrics: Metrics, clock: Clock
    ) -> None:
        """Keep orders in the database and tell the listeners what happens to them."""
        self._database = database
        self._broadcaster = broadcaster
        self._metrics = metrics
        self._clock = clock

    def create(self, identity: Identity, wanted: NewOrder, key: str | None = None) -> Created:
        """Reserve the stock of all lines and store the order, or do neither."""
        try:
            with self._database.writing() as session:
                earlier = key and orders.by_idempotency_key(session, identity.user_id, key)
                if earlier:
                    return _replay(earlier, wanted)
                order = self._store(session, identity, wanted, key)
        except IntegrityError as error:
            raise ConflictError("another request is creating this order") from error
        self._metrics.created.inc()
        self._announce("order.created", order)
        return Created(order, replayed=False)

    def get(self, identity: Identity, order_id: int) -> Order:
        """Return one order that the caller may see."""
        with self._database.reading() as session:
            return _visible(identity, orders.by_id(session, order_id))

    def history(self, identity: Identity, order_id: int) -> list[OrderEvent]:
        """Return what happened to an order, oldest first."""
        with self._database.reading() as session:
            return _visible(identity, orders.with_history(session, order_id)).history

    def list(
        self, identity: Identity, wanted: OrderFilter, *, before: int | None, limit: int
    ) -> Page[Order]:
        """Return one page of the orders that the caller may see, newest first."""
        if not identity.is_admin:
            wanted = replace(wanted, customer_id=identity.user_id)
        with self._database.reading() as session:
            found = orders.page(session, wanted, before=before, limit=limit + 1)
        return cut(found, limit, lambda order: order.id)

    def annotate(self, identity: Identity, order_id: int, note: str) -> Order:
        """Change the note of an order that is not yet on its way."""
        with self._database.writing() as session:
            order = _visible(identity, orders.by_id(session, order_id, lock=True))
            if order.status not in {OrderStatus.PENDING, OrderStatus.PAID}:
                message = f"an order that is {order.status} cannot be changed"
                raise InvalidTransitionError(message)
            order.note = note
            order.updated_at = self._clock()
        self._announce("order.changed", order)
        return order

    def move(self, identity: Identity, order_id: int, target: OrderStatus) -> Order:
        """Take an order to its next status; a cancelled one gives its stock back."""
        with self._database.writing() as session:
            order = _visible(identity, orders.by_id(session, order_id, lock=True))
            check_move(OrderStatus(order.status), target, by_admin=identity.is_admin)
            if target is OrderStatus.CANCELLED:
                _release(session, order)
            order.status = target.value
            order.updated_at = self._clock()
            session.add(self._entry(identity, target, order.id))
        self._announce(f"order.{target.value}", order)
        return order

    def delete(self, identity: Identity, order_id: int) -> None:
        """Remove an order that was never paid, or that was cancelled."""
        with self._database.writing() as session:
            order = _visible(identity, orders.with_history(session, order_id))
            if order.status == OrderStatus.PENDING:
                _release(session, order)
            elif order.status != OrderStatus.CANCELLED:
                message = f"an order that is {order.status} cannot be deleted"
                raise InvalidTransitionError(message)
            orders.remove(session, order)
        self._announce("order.deleted", order)

    def _store(
        self, session: Session, identity: Identity, wanted: NewOrder, key: str | None
    ) -> Order:
        ids = {line.product_id for line in wanted.lines}
        if len(ids) != len(wanted.lines):
            raise ConflictError("each product may be on one line only")
        on_sale = products.by_ids(session, ids)
        if missing := ids - on_sale.keys():
            message = f"not on sale: {', '.join(map(str, sorted(missing)))}"
            raise NotOnSaleError(message)
        for line in sorted(wanted.lines, key=lambda line: line.product_id):
            if not products.take(session, line.product_id, line.quantity):
                message = f"not enough of {on_sale[line.product_id].sku} in stock"
                raise OutOfStockError(message)
        now = self._clock()
        lines = [
            OrderLine(
                product_id=line.product_id,
                quantity=line.quantity,
                unit_price_cents=on_sale[line.product_id].price_cents,
            )
            for line in wanted.lines
        ]
        order = Order(
            customer_id=identity.user_id,
            status=OrderStatus.PENDING.value,
            total_cents=sum(line.quantity * line.unit_price_cents for line in lines),
            note=wanted.note,
            idempotency_key=key,
            request_digest=wanted.digest() if key else None,
            created_at=now,
            updated_at=now,
            lines=lines,
            history=[self._entry(identity, OrderStatus.PENDING)],
        )
        return orders.add(session, order)

    def _entry(
        self, identity: Identity, status: OrderStatus, order_id: int | None = None
    ) -> OrderEvent:
        return OrderEvent(
            order_id=order_id, status=status.value, actor_id=identity.user_id, at=self._clock()
        )

    def _announce(self, kind: str, order: Order) -> None:
        self._broadcaster.publish(
            Event(
                kind=kind,
                order_id=order.id,
                customer_id=order.customer_id,
                status=order.status,
                at=self._clock(),
            )
        )


def _replay(earlier: Order, wanted: NewOrder) -> Created:
    if earlier.request_digest != wanted.digest():
        raise IdempotencyConflictError("this idempotency key belongs to another request")
    return Created(earlier, replayed=True)


def _visible(identity: Identity, order: Order | None) -> Order:
    if order is None or not (identity.is_admin or order.customer_id == identity.user_id):
        raise NotFoundError("there is no such order")
    return order


def _release(session: Session, order: Order) -> None:
    for line in order.lines:
        products.give_back(session, line.product_id, line.quantity)
