import pytest

from shop import Shop


def test_an_admin_puts_a_product_on_sale(shop: Shop) -> None:
    product = shop.add_product(stock=3)
    assert shop.client.get(f"/products/{product['id']}").json() == {
        "id": product["id"],
        "sku": "TEA-1",
        "name": "Tea",
        "price_cents": 690,
        "stock": 3,
        "active": True,
    }


def test_a_customer_may_not_change_the_catalogue(shop: Shop) -> None:
    product = shop.add_product()
    body = {"sku": "X-1", "name": "X", "price_cents": 1}
    headers = shop.signed_in()
    assert shop.client.post("/products", json=body, headers=headers).status_code == 403
    changed = shop.client.patch(f"/products/{product['id']}", json={"name": "Y"}, headers=headers)
    assert changed.status_code == 403


def test_nobody_changes_the_catalogue_without_a_token(shop: Shop) -> None:
    body = {"sku": "X-1", "name": "X", "price_cents": 1}
    assert shop.client.post("/products", json=body).status_code == 401


def test_a_sku_is_used_once(shop: Shop) -> None:
    shop.add_product()
    body = {"sku": "TEA-1", "name": "Other", "price_cents": 1}
    assert shop.client.post("/products", json=body, headers=shop.admin).status_code == 409


@pytest.mark.parametrize(
    "change",
    [
        {"sku": "lower"},
        {"name": " "},
        {"price_cents": -1},
        {"price_cents": 1.5},
        {"price_cents": "690"},
        {"stock": -1},
        {"colour": "green"},
    ],
)
def test_a_bad_product_is_refused(refusing_shop: Shop, change: dict[str, str | float]) -> None:
    body = {"sku": "TEA-1", "name": "Tea", "price_cents": 690, **change}
    assert (
        refusing_shop.client.post("/products", json=body, headers=refusing_shop.admin).status_code
        == 422
    )


def test_a_product_changes(shop: Shop) -> None:
    product = shop.add_product(stock=1)
    change = {"name": "Green tea", "price_cents": 700, "add_stock": 4}
    answer = shop.client.patch(f"/products/{product['id']}", json=change, headers=shop.admin)
    assert answer.status_code == 200
    assert answer.json() == {**product, "name": "Green tea", "price_cents": 700, "stock": 5}


def test_an_empty_change_changes_nothing(shop: Shop) -> None:
    product = shop.add_product()
    answer = shop.client.patch(f"/products/{product['id']}", json={}, headers=shop.admin)
    assert answer.json() == product


def test_a_withdrawn_product_is_gone_for_customers(shop: Shop) -> None:
    product = shop.add_product()
    url = f"/products/{product['id']}"
    assert shop.client.patch(url, json={"active": False}, headers=shop.admin).status_code == 200
    assert shop.client.get(url).status_code == 404
    assert shop.client.get("/products").json()["items"] == []


def test_an_unknown_product_is_not_found(shop: Shop) -> None:
    assert shop.client.get("/products/77").status_code == 404
    missing = shop.client.patch("/products/77", json={"add_stock": 1}, headers=shop.admin)
    assert missing.status_code == 404


@pytest.mark.parametrize("product_id", ["0", "-1", "abc", str(2**31)])
def test_an_impossible_product_id_is_refused(refusing_shop: Shop, product_id: str) -> None:
    assert refusing_shop.client.get(f"/products/{product_id}").status_code == 422


def test_the_list_pages_through_everything_once(shop: Shop) -> None:
    skus = [shop.add_product(f"TEA-{n}")["sku"] for n in range(5)]
    seen: list[str] = []
    cursor: str | None = None
    for size in (2, 2, 1):
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = shop.client.get("/products", params=query).json()
        assert len(page["items"]) == size
        seen += [item["sku"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert cursor is None
    assert seen == skus


def test_the_list_searches_names_literally(shop: Shop) -> None:
    shop.add_product("TEA-1", name="Green TEA")
    shop.add_product("TEA-2", name="100 % cocoa")
    shop.add_product("TEA-3", name="Coffee")
    found = shop.client.get("/products", params={"search": "tea"}).json()["items"]
    assert [item["sku"] for item in found] == ["TEA-1"]
    found = shop.client.get("/products", params={"search": "%"}).json()["items"]
    assert [item["sku"] for item in found] == ["TEA-2"]


def test_the_list_can_leave_out_what_is_sold_out(shop: Shop) -> None:
    shop.add_product("TEA-1", stock=0)
    shop.add_product("TEA-2", stock=1)
    found = shop.client.get("/products", params={"available": "true"}).json()["items"]
    assert [item["sku"] for item in found] == ["TEA-2"]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "cursor=%21", "cursor=aWQ6eA=="])
def test_a_bad_page_is_refused(refusing_shop: Shop, query: str) -> None:
    assert refusing_shop.client.get(f"/products?{query}").status_code == 422


def test_a_number_without_a_fraction_is_whole(shop: Shop) -> None:
    tea = shop.add_product()["id"]
    path = f"/products/{tea}"
    answer = shop.client.patch(path, json={"price_cents": 700.0}, headers=shop.admin)
    assert answer.json()["price_cents"] == 700
    assert shop.client.patch(path, json={"active": 0}, headers=shop.admin).status_code == 422
