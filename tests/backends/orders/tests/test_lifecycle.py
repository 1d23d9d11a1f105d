import itertools

import pytest

from orders.errors import ForbiddenError, InvalidTransitionError
from orders.models import OrderStatus
from orders.services.lifecycle import CUSTOMER_MOVES, TRANSITIONS, check_move, is_final
from shop import Shop

MOVES = list(itertools.product(OrderStatus, repeat=2))


@pytest.mark.parametrize(("current", "target"), MOVES)
def test_an_admin_makes_exactly_the_moves_of_the_table(
    current: OrderStatus, target: OrderStatus
) -> None:
    if target in TRANSITIONS[current]:
        check_move(current, target, by_admin=True)
    else:
        with pytest.raises(InvalidTransitionError, match=f"{current} cannot become {target}"):
            check_move(current, target, by_admin=True)


def test_a_customer_makes_only_their_own_moves() -> None:
    for current, target in MOVES:
        if (current, target) in CUSTOMER_MOVES:
            check_move(current, target, by_admin=False)
        elif target in TRANSITIONS[current]:
            with pytest.raises(ForbiddenError):
                check_move(current, target, by_admin=False)


def test_the_final_states_are_delivered_and_cancelled() -> None:
    assert {status for status in OrderStatus if is_final(status)} == {
        OrderStatus.DELIVERED,
        OrderStatus.CANCELLED,
    }


def test_an_order_goes_all_the_way(shop: Shop) -> None:
    order = shop.order(shop.add_product()["id"])
    for status in ("paid", "shipped", "delivered"):
        assert shop.move(order["id"], status) == 200
    assert shop.move(order["id"], "cancelled") == 409


def test_a_customer_pays_but_does_not_ship(shop: Shop) -> None:
    order = shop.order(shop.add_product()["id"])
    assert shop.move(order["id"], "paid", shop.signed_in()) == 200
    assert shop.move(order["id"], "shipped", shop.signed_in()) == 403


def test_an_unknown_status_is_refused(shop: Shop) -> None:
    order = shop.order(shop.add_product()["id"])
    assert shop.move(order["id"], "lost") == 422
