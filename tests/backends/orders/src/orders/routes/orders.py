"""Orders."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response
from pydantic.json_schema import SkipJsonSchema

from orders.models import OrderStatus
from orders.repositories.orders import OrderFilter
from orders.routes.dependencies import Caller, Limit, Parts, Position, limit_requests, refusals
from orders.schemas import (
    HistoryOut,
    Id,
    Moment,
    OrderIn,
    OrderOut,
    OrderPage,
    OrderPatch,
    StatusIn,
)
from orders.services.ordering import NewOrder, WantedLine

router = APIRouter(prefix="/orders", tags=["orders"], dependencies=[Depends(limit_requests)])

Key = Annotated[
    str | SkipJsonSchema[None],  # a header is a text or not there; it cannot be null
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=80,
        pattern=r"^[\x21-\x7e]+$",
        description="Repeating a request with the same key creates nothing new.",
    ),
]


def get_filter(
    status: OrderStatus | None = None,
    customer_id: Annotated[Id | None, Query(description="Administrators only.")] = None,
    created_from: Moment | None = None,
    created_before: Moment | None = None,
    minimum_cents: Annotated[int | None, Query(ge=0, le=2**31 - 1)] = None,
) -> OrderFilter:
    """Return what the list is to be narrowed to."""
    return OrderFilter(
        customer_id=customer_id,
        status=status,
        created_from=created_from,
        created_before=created_before,
        minimum_cents=minimum_cents,
    )


Wanted = Annotated[OrderFilter, Depends(get_filter)]


@router.post("", status_code=201, summary="Create an order", responses=refusals(400, 401, 409))
def create_order(
    body: OrderIn, caller: Caller, parts: Parts, response: Response, key: Key = None
) -> OrderOut:
    """Reserve the stock and create the order; a repeated request answers 200."""
    lines = [WantedLine(line.product_id, line.quantity) for line in body.lines]
    created = parts.ordering.create(caller, NewOrder(lines=lines, note=body.note), key)
    if created.replayed:
        response.status_code = 200
    response.headers["Location"] = f"/orders/{created.order.id}"
    return OrderOut.model_validate(created.order)


@router.get("", summary="List orders", responses=refusals(401))
def list_orders(
    caller: Caller, parts: Parts, wanted: Wanted, position: Position, limit: Limit = 20
) -> OrderPage:
    """Return one page of the caller's orders, newest first; administrators see all."""
    page = parts.ordering.list(caller, wanted, before=position, limit=limit)
    return OrderPage.model_validate(page)


@router.get("/{order_id}", summary="Show an order", responses=refusals(401, 404))
def get_order(order_id: Id, caller: Caller, parts: Parts) -> OrderOut:
    """Return one order with its lines."""
    return OrderOut.model_validate(parts.ordering.get(caller, order_id))


@router.patch("/{order_id}", summary="Change an order", responses=refusals(400, 401, 404, 409))
def change_order(order_id: Id, body: OrderPatch, caller: Caller, parts: Parts) -> OrderOut:
    """Change the note of an order that has not been shipped."""
    return OrderOut.model_validate(parts.ordering.annotate(caller, order_id, body.note))


@router.post(
    "/{order_id}/status",
    summary="Move an order",
    responses=refusals(400, 401, 403, 404, 409),
)
def move_order(order_id: Id, body: StatusIn, caller: Caller, parts: Parts) -> OrderOut:
    """Take an order to its next status."""
    return OrderOut.model_validate(parts.ordering.move(caller, order_id, body.status))


@router.get("/{order_id}/history", summary="Show the history", responses=refusals(401, 404))
def get_history(order_id: Id, caller: Caller, parts: Parts) -> list[HistoryOut]:
    """Return every status that an order has had."""
    return [HistoryOut.model_validate(e) for e in parts.ordering.history(caller, order_id)]


@router.delete(
    "/{order_id}",
    status_code=204,
    summary="Delete an order",
    responses=refusals(401, 404, 409),
)
def delete_order(order_id: Id, caller: Caller, parts: Parts) -> None:
    """Remove an order that was never paid, or that was cancelled."""
    parts.ordering.delete(caller, order_id)
