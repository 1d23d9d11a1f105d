/** Products: what is on sale, at which price, and how many are left. */

import { ConflictError, ForbiddenError, NotFoundError } from "../errors.js";
import type { Identity, Product } from "../models.js";
import type { ProductFilter, Products } from "../store/products.js";
import { cut, type Page } from "./paging.js";

/** What to change on a product; what is left out stays as it is. */
export interface ProductChange {
  readonly name?: string;
  readonly priceCents?: number;
  readonly addStock?: number;
  readonly active?: boolean;
}

/** The use cases about products. */
export class Catalogue {
  readonly #products: Products;

  constructor(products: Products) {
    this.#products = products;
  }

  /** Return one page of the products on sale. */
  list(filter: ProductFilter): Page<Product> {
    const found = this.#products.page({ ...filter, limit: filter.limit + 1 });
    return cut(found, filter.limit, (product) => product.id);
  }

  /** Return one product on sale. */
  get(id: number): Product {
    const product = this.#products.byId(id);
    if (!product?.active) {
      throw new NotFoundError("there is no such product");
    }
    return product;
  }

  /** Put a new product on sale. */
  create(identity: Identity, product: Omit<Product, "id" | "active">): Product {
    requireAdmin(identity);
    const added = this.#products.add({ ...product, active: true });
    if (added === undefined) {
      throw new ConflictError("this SKU is already in use");
    }
    return added;
  }

  /** Change a product; stock is added, never set, so that no reservation is lost. */
  change(identity: Identity, id: number, change: ProductChange): Product {
    requireAdmin(identity);
    const product = this.#products.byId(id);
    if (product === undefined) {
      throw new NotFoundError("there is no such product");
    }
    const { addStock = 0, ...rest } = change;
    return this.#products.put({ ...product, ...rest, stock: product.stock + addStock });
  }
}

function requireAdmin(identity: Identity): void {
  if (identity.role !== "admin") {
    throw new ForbiddenError("only an administrator may do this");
  }
}
