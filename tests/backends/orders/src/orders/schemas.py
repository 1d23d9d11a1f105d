"""What goes over the wire: requests and responses, as the OpenAPI document shows them."""

from datetime import datetime
from typing import Annotated

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from orders.models import OrderStatus, Role


def _whole(value: object) -> object:
    """Take 2.0 for 2, as JSON does, where a strict number would refuse it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _written(value: object) -> object:
    """Take only a date with its time for a moment, and no number of seconds."""
    if not isinstance(value, str) or "T" not in value.upper():
        raise ValueError("write it as in 2026-03-01T12:00:00Z")
    return value


Whole = BeforeValidator(_whole)
Moment = Annotated[AwareDatetime, BeforeValidator(_written)]
Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s.]+$"
    ),
]
Password = Annotated[str, StringConstraints(min_length=10, max_length=128)]
Sku = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9-]{1,39}$")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Note = Annotated[str, StringConstraints(max_length=500)]
Cents = Annotated[int, Field(ge=0, le=100_000_000, strict=True), Whole]
Stock = Annotated[int, Field(ge=0, le=1_000_000, strict=True), Whole]
Id = Annotated[int, Field(ge=1, le=2**31 - 1, examples=[1])]
Quantity = Annotated[int, Field(ge=1, le=1000, strict=True), Whole]


class Request(BaseModel):
    """A body that may hold nothing but its declared fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Response(BaseModel):
    """A body that is filled from our own objects."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Credentials(Request):
    """An address and its password."""

    email: Email = Field(examples=["ada@example.com"])
    password: Password = Field(examples=["a long enough secret"])


class ProductIn(Request):
    """A product to put on sale."""

    sku: Sku = Field(examples=["TEA-GREEN-100"])
    name: Name = Field(examples=["Green tea, 100 g"])
    price_cents: Cents = Field(examples=[690])
    stock: Stock = Field(default=0, examples=[25])


class ProductPatch(Request):
    """What to change on a product."""

    name: Name | None = Field(default=None, examples=["Green tea, 100 g"])
    price_cents: Cents | None = Field(default=None, examples=[650])
    add_stock: Stock = Field(default=0, examples=[10])
    active: bool | None = Field(default=None, strict=True, examples=[True])


class LineIn(Request):
    """A product and how many pieces of it."""

    product_id: Id = Field(examples=[1])
    quantity: Quantity = Field(examples=[2])


class OrderIn(Request):
    """An order to create."""

    lines: list[LineIn] = Field(min_length=1, max_length=50)
    note: Note = Field(default="", examples=["Please ring twice."])


class OrderPatch(Request):
    """What to change on an order."""

    note: Note = Field(examples=["Leave it at the door."])


class StatusIn(Request):
    """The status to move an order to."""

    status: OrderStatus = Field(examples=["paid"])


class TokenOut(Response):
    """A token to send as `Authorization: Bearer`."""

    access_token: str = Field(examples=["eyJzdWIiOjF9.c2lnbmF0dXJl"])
    token_type: str = Field(default="bearer", examples=["bearer"])
    expires_in: int = Field(examples=[3600])


class UserOut(Response):
    """A user as others may see them."""

    id: int = Field(examples=[1])
    email: str = Field(examples=["ada@example.com"])
    role: Role = Field(examples=["customer"])
    created_at: AwareDatetime


class ProductOut(Response):
    """A product on sale."""

    id: int = Field(examples=[1])
    sku: str = Field(examples=["TEA-GREEN-100"])
    name: str = Field(examples=["Green tea, 100 g"])
    price_cents: int = Field(examples=[690])
    stock: int = Field(examples=[25])
    active: bool = Field(examples=[True])


class ProductPage(Response):
    """Some products and the cursor of the next page."""

    items: list[ProductOut]
    next_cursor: str | None = Field(examples=["00000014"])


class LineOut(Response):
    """One line of an order."""

    product_id: int = Field(examples=[1])
    quantity: int = Field(examples=[2])
    unit_price_cents: int = Field(examples=[690])


class OrderOut(Response):
    """An order with its lines."""

    id: int = Field(examples=[1])
    customer_id: int = Field(examples=[1])
    status: OrderStatus = Field(examples=["pending"])
    total_cents: int = Field(examples=[1380])
    note: str = Field(examples=["Please ring twice."])
    created_at: AwareDatetime
    updated_at: AwareDatetime
    lines: list[LineOut]


class OrderPage(Response):
    """Some orders and the cursor of the next page."""

    items: list[OrderOut]
    next_cursor: str | None = Field(examples=["00000014"])


class HistoryOut(Response):
    """One change of an order's status."""

    status: OrderStatus = Field(examples=["paid"])
    actor_id: int = Field(examples=[1])
    at: AwareDatetime


class EventOut(Response):
    """One message of the event stream."""

    kind: str = Field(examples=["order.created"])
    order_id: int = Field(examples=[1])
    status: OrderStatus = Field(examples=["pending"])
    at: datetime


class Health(Response):
    """Whether the service is up, and which version of it."""

    status: str = Field(examples=["ok"])
    version: str = Field(examples=["1.4.0"])


class Problem(Response):
    """Why a request was refused."""

    code: str = Field(examples=["not_found"])
    message: str = Field(examples=["there is no such order"])
