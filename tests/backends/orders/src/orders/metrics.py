"""What the service counts and times, in the text format of Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5)


class Metrics:
    """One registry per application, so that two applications never share a number."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        """Declare every metric."""
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "orders_http_requests",
            "Requests answered.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.latency = Histogram(
            "orders_http_request_seconds",
            "Time to answer a request.",
            ["method", "route"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.queries = Histogram(
            "orders_db_query_seconds",
            "Time of one database statement.",
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.connections = Gauge(
            "orders_db_connections_active",
            "Database connections in use.",
            registry=self.registry,
        )
        self.created = Counter("orders_created", "Orders created.", registry=self.registry)
        self.cache_lookups = Counter(
            "orders_cache_lookups", "Catalogue pages asked of the cache.", registry=self.registry
        )
        self.cache_hits = Counter(
            "orders_cache_hits", "Catalogue pages that the cache held.", registry=self.registry
        )
        self.subscribers = Gauge(
            "orders_event_subscribers",
            "Open event subscriptions.",
            registry=self.registry,
        )

    def render(self) -> bytes:
        """Return all metrics in the text exposition format."""
        return generate_latest(self.registry)
