/** Products, and the stock that orders take and give back. */

import type { Product } from "../models.js";

export interface ProductFilter {
  readonly after: number;
  readonly limit: number;
  readonly search?: string | undefined;
  readonly available: boolean;
}

export interface Wanted {
  readonly productId: number;
  readonly quantity: number;
}

export class Products {
  readonly #byId = new Map<number, Product>();
  readonly #skus = new Set<string>();

  /** Keep a new product; undefined where the SKU is in use. */
  add(product: Omit<Product, "id">): Product | undefined {
    if (this.#skus.has(product.sku)) {
      return undefined;
    }
    this.#skus.add(product.sku);
    return this.put({ ...product, id: this.#byId.size + 1 });
  }

  put(product: Product): Product {
    this.#byId.set(product.id, product);
    return product;
  }

  byId(id: number): Product | undefined {
    return this.#byId.get(id);
  }

  /** Products on sale, by id. */
  page(filter: ProductFilter): Product[] {
    const search = filter.search?.toLowerCase();
    const found = [...this.#byId.values()].filter(
      (product) =>
        product.active &&
        product.id > filter.after &&
        (!filter.available || product.stock > 0) &&
        (search === undefined || product.name.toLowerCase().includes(search)),
    );
    return found.slice(0, filter.limit);
  }

  /** Take the stock of all lines, or of none; the first product that has too little, if any. */
  take(lines: readonly Wanted[]): number | undefined {
    const short = lines.find((line) => (this.byId(line.productId)?.stock ?? 0) < line.quantity);
    if (short !== undefined) {
      return short.productId;
    }
    this.#move(lines, -1);
    return undefined;
  }

  giveBack(lines: readonly Wanted[]): void {
    this.#move(lines, 1);
  }

  #move(lines: readonly Wanted[], sign: 1 | -1): void {
    for (const line of lines) {
      const product = this.#byId.get(line.productId);
      if (product !== undefined) {
        this.put({ ...product, stock: product.stock + sign * line.quantity });
      }
    }
  }
}
