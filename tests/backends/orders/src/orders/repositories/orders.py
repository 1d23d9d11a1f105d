"""Orders, their lines and their history in the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from orders.models import Order, OrderStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """What a list of orders is narrowed to; None means no restriction."""

    customer_id: int | None = None
    status: OrderStatus | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None
    minimum_cents: int | None = None


def by_id(session: Session, order_id: int, *, lock: bool = False) -> Order | None:
    """Return the order with its lines, locked against other writers if asked."""
    query = select(Order).where(Order.id == order_id).options(selectinload(Order.lines))
    return session.scalar(query.with_for_update() if lock else query)


def with_history(session: Session, order_id: int) -> Order | None:
    """Return the order with everything that happened to it."""
    loaded = selectinload(Order.lines), selectinload(Order.history)
    return session.scalar(select(Order).where(Order.id == order_id).options(*loaded))


def by_idempotency_key(session: Session, customer_id: int, key: str) -> Order | None:
    """Return the order that a customer created under a key."""
    query = select(Order).where(Order.customer_id == customer_id, Order.idempotency_key == key)
    return session.scalar(query.options(selectinload(Order.lines)))


def page(
    session: Session, wanted: OrderFilter, *, before: int | None, limit: int
) -> Sequence[Order]:
    """Return the next orders, newest first, with their lines in one more query."""
    query = select(Order).options(selectinload(Order.lines))
    if wanted.customer_id is not None:
        query = query.where(Order.customer_id == wanted.customer_id)
    if wanted.status is not None:
        query = query.where(Order.status == wanted.status.value)
    if wanted.created_from is not None:
        query = query.where(Order.created_at >= wanted.created_from)
    if wanted.created_before is not None:
        query = query.where(Order.created_at < wanted.created_before)
    if wanted.minimum_cents is not None:
        query = query.where(Order.total_cents >= wanted.minimum_cents)
    if before is not None:
        query = query.where(Order.id < before)
    return session.scalars(query.order_by(Order.id.desc()).limit(limit)).all()


def add(session: Session, order: Order) -> Order:
    """Store a new order with its lines and give it its id."""
    session.add(order)
    session.flush()
    return order


def remove(session: Session, order: Order) -> None:
    """Delete an order with its lines and its history."""
    session.delete(order)
    session.flush()
