"""What customers do in the shop: they look around much more than they order."""

import json
import os
from http.client import HTTPConnection
from urllib.parse import urlsplit

from locust import FastHttpUser, between, events, task
from locust.env import Environment

EMAIL = os.environ.get("ORDERS_ADMIN_EMAIL", "admin@shop.example")
PASSWORD = os.environ.get("ORDERS_ADMIN_PASSWORD", "made-up-for-the-gates")

signed_in: dict[str, str] = {}


def sign_in(environment: Environment) -> None:
    """Log in once for all users: to make out a password is slow on purpose."""
    address = urlsplit(environment.host or "")
    connection = HTTPConnection(address.hostname or "", address.port, timeout=10)
    body = json.dumps({"email": EMAIL, "password": PASSWORD})
    connection.request("POST", "/auth/login", body, {"Content-Type": "application/json"})
    answer: dict[str, str] = json.loads(connection.getresponse().read())
    connection.close()
    signed_in["Authorization"] = f"Bearer {answer['access_token']}"


events.test_start.add_listener(sign_in)  # type: ignore[no-untyped-call] # as locust has it


class Customer(FastHttpUser):
    """One who looks at the catalogue, at products and at orders, and sometimes orders."""

    wait_time = between(0.1, 0.3)

    @task(8)
    def browse(self) -> None:
        self.client.get("/products", headers=signed_in)

    @task(3)
    def look(self) -> None:
        self.client.get("/products/7", headers=signed_in, name="/products/{id}")

    @task(2)
    def follow(self) -> None:
        self.client.get("/orders", headers=signed_in)

    @task(1)
    def order(self) -> None:
        lines = [{"product_id": number, "quantity": 1} for number in (3, 5)]
        self.client.post("/orders", json={"lines": lines}, headers=signed_in)
