import pytest
from sqlalchemy import event

from orders.services.paging import write_cursor
from shop import OrderJson, Shop


def test_an_order_reserves_stock_and_adds_up(shop: Shop) -> None:
    tea = shop.add_product("TEA-1", stock=10, price_cents=690)
    mug = shop.add_product("MUG-1", stock=4, price_cents=1200)
    lines = [
        {"product_id": tea["id"], "quantity": 3},
        {"product_id": mug["id"], "quantity": 1},
    ]
    answer = shop.client.post(
        "/orders", json={"lines": lines, "note": "thanks"}, headers=shop.signed_in()
    )
    assert answer.status_code == 201
    order = answer.json()
    assert answer.headers["location"] == f"/orders/{order['id']}"
    assert order["status"] == "pending"
    assert order["total_cents"] == 3 * 690 + 1200
    assert order["created_at"] == "2026-03-01T12:00:00Z"
    assert [line["unit_price_cents"] for line in order["lines"]] == [690, 1200]
    assert (shop.stock(tea["id"]), shop.stock(mug["id"])) == (7, 3)


def test_a_later_price_leaves_the_order_alone(shop: Shop) -> None:
    tea = shop.add_product(price_cents=690)
    order = shop.order(tea["id"])
    shop.client.patch(f"/products/{tea['id']}", json={"price_cents": 1}, headers=shop.admin)
    found = shop.client.get(f"/orders/{order['id']}", headers=shop.signed_in()).json()
    assert found["total_cents"] == 690


def test_one_line_without_stock_undoes_all_lines(shop: Shop) -> None:
    tea = shop.add_product("TEA-1", stock=10)
    mug = shop.add_product("MUG-1", stock=1)
    lines = [
        {"product_id": tea["id"], "quantity": 3},
        {"product_id": mug["id"], "quantity": 2},
    ]
    answer = shop.client.post("/orders", json={"lines": lines}, headers=shop.signed_in())
    assert answer.status_code == 409
    assert answer.json() == {"code": "out_of_stock", "message": "not enough of MUG-1 in stock"}
    assert (shop.stock(tea["id"]), shop.stock(mug["id"])) == (10, 1)
    assert shop.client.get("/orders", headers=shop.signed_in()).json()["items"] == []


def test_a_product_may_be_on_one_line_only(shop: Shop) -> None:
    tea = shop.add_product()
    line = {"product_id": tea["id"], "quantity": 1}
    answer = shop.client.post("/orders", json={"lines": [line, line]}, headers=shop.signed_in())
    assert answer.status_code == 409
    assert answer.json()["code"] == "conflict"


def test_only_products_on_sale_can_be_ordered(shop: Shop) -> None:
    body = {"lines": [{"product_id": 77, "quantity": 1}]}
    answer = shop.client.post("/orders", json=body, headers=shop.signed_in())
    assert answer.status_code == 409
    assert answer.json() == {"code": "not_on_sale", "message": "not on sale: 77"}


@pytest.mark.parametrize(
    "body",
    [
        {"lines": []},
        {"lines": [{"product_id": 1, "quantity": 0}]},
        {"lines": [{"product_id": 1, "quantity": 1001}]},
        {"lines": [{"product_id": 1, "quantity": "2"}]},
        {"lines": [{"product_id": 1, "quantity": 2.5}]},
        {"lines": [{"product_id": 1, "quantity": 1}], "note": "x" * 501},
        {"lines": [{"product_id": 1, "quantity": 1}], "status": "paid"},
        {},
    ],
)
def test_a_bad_order_is_refused(refusing_shop: Shop, body: dict[str, str]) -> None:
    assert (
        refusing_shop.client.post(
            "/orders", json=body, headers=refusing_shop.signed_in()
        ).status_code
        == 422
    )


def test_orders_need_a_token(shop: Shop) -> None:
    assert shop.client.get("/orders").status_code == 401
    assert shop.client.post("/orders", json={}).status_code in {401, 422}


def test_an_order_is_invisible_to_other_customers(shop: Shop) -> None:
    order = shop.order(shop.add_product()["id"])
    url = f"/orders/{order['id']}"
    eve = shop.signed_in("eve@example.com")
    assert shop.client.get(url, headers=eve).status_code == 404
    assert shop.client.patch(url, json={"note": "x"}, headers=eve).status_code == 404
    assert shop.client.delete(url, headers=eve).status_code == 404
    assert shop.client.get(f"{url}/history", headers=eve).status_code == 404
    assert shop.move(order["id"], "cancelled", eve) == 404
    assert shop.client.get("/orders", headers=eve).json()["items"] == []
    assert shop.client.get(url, headers=shop.admin).status_code == 200


def test_an_unknown_order_is_not_found(shop: Shop) -> None:
    assert shop.client.get("/orders/77", headers=shop.admin).status_code == 404


def _create(shop: Shop, product_id: int, key: str, quantity: int = 1) -> tuple[int, OrderJson]:
    answer = shop.client.post(
        "/orders",
        json={"lines": [{"product_id": product_id, "quantity": quantity}]},
        headers=shop.signed_in() | {"Idempotency-Key": key},
    )
    found: OrderJson = answer.json()
    return answer.status_code, found


def test_a_repeated_request_creates_nothing_new(shop: Shop) -> None:
    tea = shop.add_product(stock=10)
    status, first = _create(shop, tea["id"], "key-0001")
    again, second = _create(shop, tea["id"], "key-0001")
    assert (status, again) == (201, 200)
    assert first == second
    assert shop.stock(tea["id"]) == 9


def test_another_key_creates_another_order(shop: Shop) -> None:
    tea = shop.add_product(stock=10)
    _, first = _create(shop, tea["id"], "key-0001")
    _, second = _create(shop, tea["id"], "key-0002")
    assert first["id"] != second["id"]


def test_a_key_belongs_to_one_request(shop: Shop) -> None:
    tea = shop.add_product(stock=10)
    _create(shop, tea["id"], "key-0001", quantity=1)
    status, _ = _create(shop, tea["id"], "key-0001", quantity=2)
    assert status == 409
    assert shop.stock(tea["id"]) == 9


def test_a_key_belongs_to_one_customer(shop: Shop) -> None:
    tea = shop.add_product(stock=10)
    _create(shop, tea["id"], "key-0001")
    body = {"lines": [{"product_id": tea["id"], "quantity": 1}]}
    headers = shop.signed_in("eve@example.com") | {"Idempotency-Key": "key-0001"}
    assert shop.client.post("/orders", json=body, headers=headers).status_code == 201


@pytest.mark.parametrize("key", ["short", "x" * 81, "with a space"])
def test_a_bad_key_is_refused(refusing_shop: Shop, key: str) -> None:
    status, _ = _create(refusing_shop, 1, key)
    assert status == 422


def test_a_note_changes_until_shipping(shop: Shop) -> None:
    order = shop.order(shop.add_product()["id"])
    url = f"/orders/{order['id']}"
    shop.clock.forward(60)
    changed = shop.client.patch(url, json={"note": "door"}, headers=shop.signed_in())
    assert changed.json()["note"] == "door"
    assert changed.json()["updated_at"] == "2026-03-01T12:01:00Z"
    for status in ("paid", "shipped"):
        assert shop.move(order["id"], status) == 200
    late = shop.client.patch(url, json={"note": "late"}, headers=shop.signed_in())
    assert late.status_code == 409


def test_a_pending_order_can_be_deleted(shop: Shop) -> None:
    tea = shop.add_product(stock=5)
    order = shop.order(tea["id"], 2)
    url = f"/orders/{order['id']}"
    assert shop.client.delete(url, headers=shop.signed_in()).status_code == 204
    assert shop.client.get(url, headers=shop.signed_in()).status_code == 404
    assert shop.stock(tea["id"]) == 5


def test_a_cancelled_order_gives_its_stock_back_once(shop: Shop) -> None:
    tea = shop.add_product(stock=5)
    order = shop.order(tea["id"], 2)
    assert shop.move(order["id"], "cancelled", shop.signed_in()) == 200
    assert shop.stock(tea["id"]) == 5
    deleted = shop.client.delete(f"/orders/{order['id']}", headers=shop.signed_in())
    assert deleted.status_code == 204
    assert shop.stock(tea["id"]) == 5


def test_a_paid_order_cannot_be_deleted(shop: Shop) -> None:
    order = shop.order(shop.add_product()["id"])
    shop.move(order["id"], "paid")
    answer = shop.client.delete(f"/orders/{order['id']}", headers=shop.signed_in())
    assert answer.status_code == 409


def test_the_history_tells_every_status(shop: Shop) -> None:
    order = shop.order(shop.add_product()["id"])
    shop.move(order["id"], "paid", shop.signed_in())
    shop.clock.forward(5)
    shop.move(order["id"], "shipped")
    answer = shop.client.get(f"/orders/{order['id']}/history", headers=shop.signed_in())
    assert [entry["status"] for entry in answer.json()] == ["pending", "paid", "shipped"]
    assert answer.json()[2]["at"] == "2026-03-01T12:00:05Z"
    assert answer.json()[2]["actor_id"] != answer.json()[1]["actor_id"]


def test_the_list_is_newest_first_and_pages(shop: Shop) -> None:
    tea = shop.add_product(stock=10)
    ids = [shop.order(tea["id"])["id"] for _ in range(3)]
    first = shop.client.get("/orders?limit=2", headers=shop.signed_in()).json()
    assert [order["id"] for order in first["items"]] == [ids[2], ids[1]]
    query = {"limit": "2", "cursor": first["next_cursor"]}
    second = shop.client.get("/orders", params=query, headers=shop.signed_in()).json()
    assert [order["id"] for order in second["items"]] == [ids[0]]
    assert second["next_cursor"] is None


def test_the_list_filters(shop: Shop) -> None:
    tea = shop.add_product(stock=100, price_cents=100)
    small = shop.order(tea["id"], 1)
    shop.clock.forward(3000)
    big = shop.order(tea["id"], 50)
    foreign = shop.order(tea["id"], 2, email="eve@example.com")
    shop.move(big["id"], "paid")

    def ids(**query: str) -> list[int]:
        found = shop.client.get("/orders", params=query, headers=shop.admin).json()
        return [order["id"] for order in found["items"]]

    assert ids() == [foreign["id"], big["id"], small["id"]]
    assert ids(status="paid") == [big["id"]]
    assert ids(customer_id=str(foreign["customer_id"])) == [foreign["id"]]
    assert ids(minimum_cents="200") == [foreign["id"], big["id"]]
    assert ids(created_from="2026-03-01T12:50:00Z") == [foreign["id"], big["id"]]
    assert ids(created_before="2026-03-01T13:50:00+01:00") == [small["id"]]


def test_a_customer_cannot_list_for_another(shop: Shop) -> None:
    tea = shop.add_product(stock=10)
    foreign = shop.order(tea["id"], email="eve@example.com")
    query = {"customer_id": str(foreign["customer_id"])}
    found = shop.client.get("/orders", params=query, headers=shop.signed_in()).json()
    assert found["items"] == []


@pytest.mark.parametrize(
    "query",
    [
        {"status": "lost"},
        {"created_from": "2026-03-01T13:00:00"},
        {"created_from": "1772366400.5"},
        {"cursor": write_cursor(2**31)},
        {"cursor": "bmFtZTox"},
        {"cursor": "x"},
    ],
)
def test_a_bad_filter_is_refused(refusing_shop: Shop, query: dict[str, str]) -> None:
    assert (
        refusing_shop.client.get("/orders", params=query, headers=refusing_shop.admin).status_code
        == 422
    )


def test_a_page_costs_the_same_number_of_queries_at_any_size(shop: Shop) -> None:
    tea = shop.add_product(stock=100)
    headers = shop.signed_in()
    statements: list[str] = []
    event.listen(
        shop.parts.database.engine,
        "before_cursor_execute",
        lambda _c, _k, statement, _p, _x, _m: statements.append(statement),
    )

    def cost() -> int:
        statements.clear()
        assert shop.client.get("/orders", headers=headers).status_code == 200
        return len(statements)

    shop.order(tea["id"])
    one = cost()
    for _ in range(9):
        shop.order(tea["id"])
    assert cost() == one
