"""The states of an order, and who may move it from one to the next."""

from collections.abc import Mapping

from orders.errors import ForbiddenError, InvalidTransitionError
from orders.models import OrderStatus

TRANSITIONS: Mapping[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.PENDING: frozenset({OrderStatus.PAID, OrderStatus.CANCELLED}),
    OrderStatus.PAID: frozenset({OrderStatus.SHIPPED, OrderStatus.CANCELLED}),
    OrderStatus.SHIPPED: frozenset({OrderStatus.DELIVERED}),
    OrderStatus.DELIVERED: frozenset(),
    OrderStatus.CANCELLED: frozenset(),
}

CUSTOMER_MOVES = frozenset(
    {
        (OrderStatus.PENDING, OrderStatus.PAID),
        (OrderStatus.PENDING, OrderStatus.CANCELLED),
    }
)


def is_final(status: OrderStatus) -> bool:
    """Tell whether nothing can follow a status."""
    return not TRANSITIONS[status]


def check_move(current: OrderStatus, target: OrderStatus, *, by_admin: bool) -> None:
    """Refuse a move that the state machine or the caller's role does not allow."""
    if target not in TRANSITIONS[current]:
        message = f"an order that is {current} cannot become {target}"
        raise InvalidTransitionError(message)
    if not by_admin and (current, target) not in CUSTOMER_MOVES:
        message = f"only an administrator may make an order {target}"
        raise ForbiddenError(message)
