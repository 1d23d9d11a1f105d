from orders.metrics import Metrics
from orders.services.cache import CAPACITY, Cache
from shop import Shop, TurnableClock


def _cache(clock: TurnableClock) -> tuple[Cache[str], Metrics]:
    metrics = Metrics()
    return Cache[str](metrics, clock), metrics


def _hits(metrics: Metrics) -> tuple[float | None, float | None]:
    sample = metrics.registry.get_sample_value
    return sample("orders_cache_lookups_total"), sample("orders_cache_hits_total")


def test_a_moment_later_the_answer_is_the_kept_one(clock: TurnableClock) -> None:
    cache, metrics = _cache(clock)
    assert cache.get("a", lambda: "first") == "first"
    clock.forward(0.9)
    assert cache.get("a", lambda: "second") == "first"
    assert _hits(metrics) == (2, 1)


def test_what_is_too_old_is_made_anew(clock: TurnableClock) -> None:
    cache, metrics = _cache(clock)
    cache.get("a", lambda: "first")
    clock.forward(1)
    assert cache.get("a", lambda: "second") == "second"
    assert _hits(metrics) == (2, 0)


def test_what_was_read_before_a_change_is_not_kept(clock: TurnableClock) -> None:
    cache, _ = _cache(clock)

    def read() -> str:
        cache.clear()
        return "old"

    assert cache.get("a", read) == "old"
    assert cache.get("a", lambda: "new") == "new"


def test_it_makes_room(clock: TurnableClock) -> None:
    cache, _ = _cache(clock)
    for number in range(CAPACITY + 1):
        cache.get(number, lambda: "kept")
    assert cache.get(CAPACITY, lambda: "anew") == "kept"
    assert cache.get(0, lambda: "anew") == "anew"


def test_a_change_of_the_catalogue_shows_at_once(shop: Shop) -> None:
    shop.add_product("TEA-1")
    assert len(shop.client.get("/products").json()["items"]) == 1
    second = shop.add_product("TEA-2")
    assert len(shop.client.get("/products").json()["items"]) == 2
    change = {"name": "Renamed"}
    shop.client.patch(f"/products/{second['id']}", json=change, headers=shop.admin)
    assert shop.client.get("/products").json()["items"][1]["name"] == "Renamed"


def test_the_same_page_is_asked_of_the_database_once(shop: Shop) -> None:
    shop.add_product()
    for _ in range(4):
        shop.client.get("/products")
    assert _hits(shop.parts.metrics) == (4, 3)
