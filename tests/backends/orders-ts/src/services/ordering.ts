/** Orders: creation with stock reservation, reading, and the way through their states. */

import { createHash } from "node:crypto";
import type { Clock } from "../clock.js";
import { ConflictError, InvalidInputError, NotFoundError } from "../errors.js";
import type { Metrics } from "../metrics.js";
import type { Identity, Order, OrderEvent, OrderLine, OrderStatus, Step } from "../models.js";
import type { Kept, OrderFilter, Orders } from "../store/orders.js";
import type { Products, Wanted } from "../store/products.js";
import { checkMove } from "./lifecycle.js";
import { cut, type Page } from "./paging.js";

/** What a customer wants to order. */
export interface NewOrder {
  readonly lines: readonly Wanted[];
  readonly note: string;
}

/** An order, and whether an earlier request with the same key had created it. */
export interface Created {
  readonly order: Order;
  readonly replayed: boolean;
}

/** The use cases about orders; nothing waits inside one, so each is done whole or not at all. */
export class Ordering {
  readonly #orders: Orders;
  readonly #products: Products;
  readonly #metrics: Metrics;
  readonly #clock: Clock;

  constructor(orders: Orders, products: Products, metrics: Metrics, clock: Clock) {
    this.#orders = orders;
    this.#products = products;
    this.#metrics = metrics;
    this.#clock = clock;
  }

  /** Reserve the stock of all lines and store the order, or do neither. */
  create(identity: Identity, wanted: NewOrder, key?: string): Created {
    const digest = digestOf(wanted);
    const earlier = key === undefined ? undefined : this.#orders.kept(identity.userId, key);
    if (earlier !== undefined) {
      return { order: this.#replayed(earlier, digest), replayed: true };
    }
    const lines = this.#priced(wanted.lines);
    const short = this.#products.take(wanted.lines);
    if (short !== undefined) {
      throw new ConflictError(`product ${String(short)} has too few left`, "out_of_stock");
    }
    const at = this.#clock();
    const order = this.#orders.add({
      customerId: identity.userId,
      status: "pending",
      note: wanted.note,
      lines,
      history: [{ status: "pending", actorId: identity.userId, at }],
      createdAt: at,
      updatedAt: at,
    });
    if (key !== undefined) {
      this.#orders.keep(identity.userId, key, { orderId: order.id, digest });
    }
    this.#metrics.orderCreated();
    this.#announce("order.created", order);
    return { order, replayed: false };
  }

  /** Return one order that the caller may see. */
  get(identity: Identity, id: number): Order {
    const order = this.#orders.byId(id);
    if (order === undefined || !maySee(identity, order.customerId)) {
      throw new NotFoundError("there is no such order");
    }
    return order;
  }

  /** Return what happened to an order, oldest first. */
  history(identity: Identity, id: number): readonly Step[] {
    return this.get(identity, id).history;
  }

  /** Return one page of the orders that the caller may see, newest first. */
  list(identity: Identity, filter: OrderFilter): Page<Order> {
    const customerId = identity.role === "admin" ? filter.customerId : identity.userId;
    const found = this.#orders.page({ ...filter, customerId, limit: filter.limit + 1 });
    return cut(found, filter.limit, (order) => order.id);
  }

  /** Change the note of an order that is not yet on its way. */
  annotate(identity: Identity, id: number, note: string): Order {
    const order = this.get(identity, id);
    if (order.status !== "pending" && order.status !== "paid") {
      const message = `an order that is ${order.status} cannot be changed`;
      throw new ConflictError(message, "invalid_transition");
    }
    const changed = this.#orders.put({ ...order, note, updatedAt: this.#clock() });
    this.#announce("order.changed", changed);
    return changed;
  }

  /** Take an order to its next status; a cancelled one gives its stock back. */
  move(identity: Identity, id: number, target: OrderStatus): Order {
    const order = this.get(identity, id);
    checkMove(order.status, target, identity.role === "admin");
    if (target === "cancelled") {
      this.#products.giveBack(order.lines);
    }
    const at = this.#clock();
    const history = [...order.history, { status: target, actorId: identity.userId, at }];
    const moved = this.#orders.put({ ...order, status: target, history, updatedAt: at });
    this.#announce("order.moved", moved);
    return moved;
  }

  /** Return what happened to the orders that the caller may see, oldest first. */
  events(identity: Identity, after: number, limit: number): Page<OrderEvent> {
    const customerId = identity.role === "admin" ? undefined : identity.userId;
    const found = this.#orders.events(after, limit + 1, customerId);
    return cut(found, limit, (event) => event.id);
  }

  #replayed(earlier: Kept, digest: string): Order {
    const order = this.#orders.byId(earlier.orderId);
    if (order === undefined || earlier.digest !== digest) {
      const message = "this key was used with another request";
      throw new ConflictError(message, "idempotency_conflict");
    }
    return order;
  }

  #priced(lines: readonly Wanted[]): OrderLine[] {
    if (new Set(lines.map((line) => line.productId)).size < lines.length) {
      throw new InvalidInputError("a product may stand in one line only");
    }
    return lines.map((line) => {
      const product = this.#products.byId(line.productId);
      if (!product?.active) {
        throw new InvalidInputError(`there is no product ${String(line.productId)}`);
      }
      return { ...line, unitPriceCents: product.priceCents };
    });
  }

  #announce(kind: OrderEvent["kind"], order: Order): void {
    const { id: orderId, customerId, status, updatedAt: at } = order;
    this.#orders.tell({ kind, orderId, customerId, status, at });
  }
}

function maySee(identity: Identity, customerId: number): boolean {
  return identity.role === "admin" || identity.userId === customerId;
}

/** A fingerprint by which a repeated request is recognised. */
function digestOf(wanted: NewOrder): string {
  const content = [wanted.note, wanted.lines.map((line) => [line.productId, line.quantity])];
  return createHash("sha256").update(JSON.stringify(content)).digest("hex");
}
