"""Products and their stock in the database."""

from collections.abc import Collection, Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from orders.models import Product


def by_id(session: Session, product_id: int) -> Product | None:
    """Return the product with this id."""
    return session.get(Product, product_id)


def by_ids(session: Session, ids: Collection[int]) -> dict[int, Product]:
    """Return those of the products that exist and are on sale, by id."""
    found = session.scalars(select(Product).where(Product.id.in_(ids), Product.active))
    return {product.id: product for product in found}


def page(
    session: Session, *, after: int, limit: int, search: str | None, available: bool
) -> Sequence[Product]:
    """Return the next products on sale in the order of their ids."""
    query = select(Product).where(Product.active, Product.id > after)
    if search is not None:
        query = query.where(Product.name.icontains(search, autoescape=True))
    if available:
        query = query.where(Product.stock > 0)
    return session.scalars(query.order_by(Product.id).limit(limit)).all()


def add(session: Session, product: Product) -> Product:
    """Store a new product and give it its id."""
    session.add(product)
    session.flush()
    return product


def take(session: Session, product_id: int, quantity: int) -> bool:
    """Take pieces from the stock in one statement, and tell whether there were enough."""
    taken = session.execute(
        update(Product)
        .where(Product.id == product_id, Product.stock >= quantity)
        .values(stock=Product.stock - quantity)
        .returning(Product.id)
        .execution_options(synchronize_session=False)
    )
    return taken.scalar() is not None


def give_back(session: Session, product_id: int, quantity: int) -> None:
    """Put pieces back into the stock."""
    session.execute(
        update(Product)
        .where(Product.id == product_id)
        .values(stock=Product.stock + quantity)
        .execution_options(synchronize_session=False)
    )
