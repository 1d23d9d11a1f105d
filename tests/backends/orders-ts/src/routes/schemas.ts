/** What goes over the wire: the requests, and our own objects as others may see them. */

import {
  type Order,
  type OrderEvent,
  type OrderStatus,
  type Product,
  type Step,
  STATUSES,
  type User,
  totalCents,
} from "../models.js";
import type { NewOrder } from "../services/ordering.js";
import type { Page } from "../services/paging.js";

type Schema = Readonly<Record<string, unknown>>;

const status = { enum: STATUSES };
const name = { type: "string", minLength: 1, maxLength: 200, pattern: "\\S" };
const note = { type: "string", maxLength: 500 };
const cents = { type: "integer", minimum: 0, maximum: 100_000_000 };
const stock = { type: "integer", minimum: 0, maximum: 1_000_000 };

/** Parts of an address are texts: they are checked by their form, and read afterwards. */
const number = { type: "string", pattern: "^[1-9][0-9]{0,8}$" };
const pageOf = {
  cursor: { type: "string", maxLength: 40 },
  limit: { type: "string", pattern: "^([1-9]|[1-9][0-9]|100)$" },
};

/** An object that may hold nothing but these fields. */
function only(properties: Schema, required: readonly string[] = []): Schema {
  return { type: "object", properties, required, additionalProperties: false };
}

export interface Credentials {
  readonly email: string;
  readonly password: string;
}
export const credentials = only(
  {
    email: { type: "string", maxLength: 254, pattern: "^[^@\\s]+@[^@\\s]+\\.[^@\\s.]+$" },
    password: { type: "string", minLength: 10, maxLength: 128 },
  },
  ["email", "password"],
);

export interface ById {
  readonly id: string;
}
export const byId = only({ id: number }, ["id"]);

export interface ProductIn {
  readonly sku: string;
  readonly name: string;
  readonly priceCents: number;
  readonly stock?: number;
}
export const productIn = only(
  {
    sku: { type: "string", pattern: "^[A-Z0-9][A-Z0-9-]{1,39}$" },
    name,
    priceCents: cents,
    stock,
  },
  ["sku", "name", "priceCents"],
);

export interface ProductPatch {
  readonly name?: string;
  readonly priceCents?: number;
  readonly addStock?: number;
  readonly active?: boolean;
}
export const productPatch = only({
  name,
  priceCents: cents,
  addStock: stock,
  active: { type: "boolean" },
});

export interface PageQuery {
  readonly cursor?: string;
  readonly limit?: string;
}
export const pageQuery = only(pageOf);

export interface ProductQuery extends PageQuery {
  readonly search?: string;
  readonly available?: "true" | "false";
}
export const productQuery = only({
  ...pageOf,
  search: { type: "string", minLength: 1, maxLength: 200 },
  available: { enum: ["true", "false"] },
});

export interface OrderIn {
  readonly lines: NewOrder["lines"];
  readonly note?: string;
}
export const orderIn = only(
  {
    lines: {
      type: "array",
      minItems: 1,
      maxItems: 50,
      items: only(
        {
          productId: { type: "integer", minimum: 1, maximum: 2 ** 31 - 1 },
          quantity: { type: "integer", minimum: 1, maximum: 1000 },
        },
        ["productId", "quantity"],
      ),
    },
    note,
  },
  ["lines"],
);

export interface OrderPatch {
  readonly note: string;
}
export const orderPatch = only({ note }, ["note"]);

export interface OrderQuery extends PageQuery {
  readonly status?: OrderStatus;
  readonly customerId?: string;
}
export const orderQuery = only({ ...pageOf, status, customerId: number });

export interface StatusIn {
  readonly status: OrderStatus;
}
export const statusIn = only({ status }, ["status"]);

export interface RepeatKey {
  readonly "idempotency-key"?: string;
}
export const repeatKey = {
  type: "object",
  properties: { "idempotency-key": { type: "string", pattern: "^[A-Za-z0-9._-]{8,64}$" } },
};

/** The number in a checked part of an address. */
export function numberIn(text: string | undefined, fallback: number): number {
  return text === undefined ? fallback : Number(text);
}

export function pageShown<Item>(
  page: Page<Item>,
  shown: (item: Item) => object,
): { items: object[]; nextCursor: string | null } {
  return { items: page.items.map(shown), nextCursor: page.nextCursor };
}

export function userShown(user: User): object {
  const { id, email, role, createdAt } = user;
  return { id, email, role, createdAt: createdAt.toISOString() };
}

export function productShown(product: Product): object {
  return { ...product };
}

export function orderShown(order: Order): object {
  const { id, customerId, lines } = order;
  return {
    id,
    customerId,
    status: order.status,
    totalCents: totalCents(order),
    note: order.note,
    lines,
    createdAt: order.createdAt.toISOString(),
    updatedAt: order.updatedAt.toISOString(),
  };
}

export function stepShown(step: Step): object {
  return { ...step, at: step.at.toISOString() };
}

export function eventShown(event: OrderEvent): object {
  const { id, kind, orderId, at } = event;
  return { id, kind, orderId, status: event.status, at: at.toISOString() };
}
