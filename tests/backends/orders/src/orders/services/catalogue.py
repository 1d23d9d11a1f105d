"""Products: what is on sale, at which price, and how many are left."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from orders.clock import Clock
from orders.database import Database
from orders.errors import ConflictError, ForbiddenError, NotFoundError
from orders.models import Product
from orders.repositories import products
from orders.services.cache import Cache
from orders.services.paging import Page, cut
from orders.tokens import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductChange:
    """What to change on a product; None leaves a field as it is."""

    name: str | None = None
    price_cents: int | None = None
    add_stock: int = 0
    active: bool | None = None


class Catalogue:
    """The use cases about products."""

    def __init__(self, database: Database, cache: Cache[Page[Product]], clock: Clock) -> None:
        """Keep the products in the database, and pages of them in the cache."""
        self._database = database
        self._cache = cache
        self._clock = clock

    def list(self, *, after: int, limit: int, search: str | None, available: bool) -> Page[Product]:
        """Return one page of the products on sale; their stock may be a second old."""

        def read() -> Page[Product]:
            with self._database.reading() as session:
                found: Sequence[Product] = products.page(
                    session, after=after, limit=limit + 1, search=search, available=available
                )
            return cut(found, limit, lambda product: product.id)

        return self._cache.get((after, limit, search, available), read)

    def get(self, product_id: int) -> Product:
        """Return one product on sale."""
        with self._database.reading() as session:
            product = products.by_id(session, product_id)
        if product is None or not product.active:
            raise NotFoundError("there is no such product")
        return product

    def create(
        self, identity: Identity, *, sku: str, name: str, price_cents: int, stock: int
    ) -> Product:
        """Put a new product on sale."""
        _require_admin(identity)
        product = Product(
            sku=sku,
            name=name,
            price_cents=price_cents,
            stock=stock,
            active=True,
            created_at=self._clock(),
        )
        try:
            with self._database.writing() as session:
                added = products.add(session, product)
        except IntegrityError as error:
            raise ConflictError("this SKU is already in use") from error
        self._cache.clear()
        return added

    def change(self, identity: Identity, product_id: int, change: ProductChange) -> Product:
        """Change a product; stock is added, never set, so that no reservation is lost."""
        _require_admin(identity)
        with self._database.writing() as session:
            if change.add_stock:
                products.give_back(session, product_id, change.add_stock)
            product = products.by_id(session, product_id)
            if product is None:
                raise NotFoundError("there is no such product")
            if change.name is not None:
                product.name = change.name
            if change.price_cents is not None:
                product.price_cents = change.price_cents
            if change.active is not None:
                product.active = change.active
        self._cache.clear()
        return product


def _require_admin(identity: Identity) -> None:
    if not identity.is_admin:
        raise ForbiddenError("only an administrator may do this")
