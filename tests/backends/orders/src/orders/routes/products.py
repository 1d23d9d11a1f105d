"""The catalogue."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from orders.routes.dependencies import Caller, Limit, Parts, Position, limit_requests, refusals
from orders.schemas import Id, ProductIn, ProductOut, ProductPage, ProductPatch
from orders.services.catalogue import ProductChange

router = APIRouter(prefix="/products", tags=["products"], dependencies=[Depends(limit_requests)])


@router.get("", summary="List products", responses=refusals(401))
def list_products(
    parts: Parts,
    position: Position,
    limit: Limit = 20,
    search: Annotated[str | None, Query(max_length=100, description="Part of the name.")] = None,
    available: Annotated[bool, Query(description="Only what is in stock.")] = False,  # noqa: FBT002 (a query parameter)
) -> ProductPage:
    """Return one page of the products on sale."""
    page = parts.catalogue.list(
        after=position or 0, limit=limit, search=search, available=available
    )
    return ProductPage.model_validate(page)


@router.get("/{product_id}", summary="Show a product", responses=refusals(401, 404))
def get_product(product_id: Id, parts: Parts) -> ProductOut:
    """Return one product on sale."""
    return ProductOut.model_validate(parts.catalogue.get(product_id))


@router.post(
    "", status_code=201, summary="Put a product on sale", responses=refusals(400, 401, 403, 409)
)
def create_product(body: ProductIn, caller: Caller, parts: Parts) -> ProductOut:
    """Create a product; administrators only."""
    product = parts.catalogue.create(
        caller, sku=body.sku, name=body.name, price_cents=body.price_cents, stock=body.stock
    )
    return ProductOut.model_validate(product)


@router.patch("/{product_id}", summary="Change a product", responses=refusals(400, 401, 403, 404))
def change_product(product_id: Id, body: ProductPatch, caller: Caller, parts: Parts) -> ProductOut:
    """Change name, price or availability, or add stock; administrators only."""
    change = ProductChange(
        name=body.name,
        price_cents=body.price_cents,
        add_stock=body.add_stock,
        active=body.active,
    )
    return ProductOut.model_validate(parts.catalogue.change(caller, product_id, change))
