"""A shop to test against: the real application, driven over HTTP."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypedDict

from fastapi import FastAPI
from fastapi.testclient import TestClient

from orders.container import Container
from orders.settings import Settings

ADMIN_EMAIL = "admin@example.com"
PASSWORD = "correct horse battery"  # pragma: allowlist secret
SECRET_KEY = "k" * 40


class LineJson(TypedDict):
    product_id: int
    quantity: int
    unit_price_cents: int


class OrderJson(TypedDict):
    id: int
    customer_id: int
    status: str
    total_cents: int
    note: str
    created_at: str
    updated_at: str
    lines: list[LineJson]


class ProductJson(TypedDict):
    id: int
    sku: str
    name: str
    price_cents: int
    stock: int
    active: bool


@dataclass
class TurnableClock:
    """A clock that moves only when told to."""

    now: datetime = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def make_settings(
    path: Path,
    *,
    admin_email: str | None = None,
    admin_password: str | None = None,
    signed_in_limit: int = 1000,
    anonymous_limit: int = 10_000,
) -> Settings:
    return Settings(
        secret_key=SECRET_KEY,
        database_url=f"sqlite:///{path}",
        environment="test",
        password_cost=16,
        admin_email=admin_email,
        admin_password=admin_password,
        signed_in_limit=signed_in_limit,
        anonymous_limit=anonymous_limit,
    )


@dataclass
class Shop:
    """The application and some shortcuts for what most tests need."""

    client: TestClient
    app: FastAPI
    clock: TurnableClock
    _tokens: dict[str, str] = field(default_factory=dict)

    @property
    def parts(self) -> Container:
        found: Container = self.app.state.container
        return found

    def token(self, email: str) -> str:
        if email not in self._tokens:
            body = {"email": email, "password": PASSWORD}
            if email != ADMIN_EMAIL:
                assert self.client.post("/auth/register", json=body).status_code == 201
            answer = self.client.post("/auth/login", json=body)
            self._tokens[email] = answer.json()["access_token"]
        return self._tokens[email]

    def signed_in(self, email: str = "ada@example.com") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(email)}"}

    @property
    def admin(self) -> dict[str, str]:
        return self.signed_in(ADMIN_EMAIL)

    def add_product(
        self, sku: str = "TEA-1", *, stock: int = 10, price_cents: int = 690, name: str = "Tea"
    ) -> ProductJson:
        body = {"sku": sku, "name": name, "price_cents": price_cents, "stock": stock}
        answer = self.client.post("/products", json=body, headers=self.admin)
        assert answer.status_code == 201, answer.text
        product: ProductJson = answer.json()
        return product

    def stock(self, product_id: int) -> int:
        found: ProductJson = self.client.get(f"/products/{product_id}").json()
        return found["stock"]

    def order(
        self, product_id: int, quantity: int = 1, *, email: str = "ada@example.com"
    ) -> OrderJson:
        body = {"lines": [{"product_id": product_id, "quantity": quantity}]}
        answer = self.client.post("/orders", json=body, headers=self.signed_in(email))
        assert answer.status_code == 201, answer.text
        created: OrderJson = answer.json()
        return created

    def move(self, order_id: int, status: str, headers: dict[str, str] | None = None) -> int:
        answer = self.client.post(
            f"/orders/{order_id}/status", json={"status": status}, headers=headers or self.admin
        )
        return answer.status_code
