"""Sample products, for a service that is to be tried out or measured."""

from orders.clock import Clock
from orders.database import Database
from orders.models import Product
from orders.repositories import products

MANY = 30
STOCK = 1_000_000


def add_samples(database: Database, clock: Clock) -> None:
    """Put sample products on sale, unless there are any products."""
    with database.writing() as session:
        if products.page(session, after=0, limit=1, search=None, available=False):
            return
        for number in range(1, MANY + 1):
            sample = Product(
                sku=f"SAMPLE-{number:02d}",
                name=f"Sample tea number {number}",
                price_cents=100 + 10 * number,
                stock=STOCK,
                active=True,
                created_at=clock(),
            )
            products.add(session, sample)
