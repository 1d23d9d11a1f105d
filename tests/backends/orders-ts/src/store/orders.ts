/** Orders, the keys that make a create repeatable, and what happened to orders. */

import type { Order, OrderEvent, OrderStatus } from "../models.js";

export interface OrderFilter {
  readonly customerId?: number | undefined;
  readonly status?: OrderStatus | undefined;
  readonly before: number;
  readonly limit: number;
}

/** The request that a key was first used for, and what came of it. */
export interface Kept {
  readonly orderId: number;
  readonly digest: string;
}

export class Orders {
  readonly #byId = new Map<number, Order>();
  readonly #keys = new Map<string, Kept>();
  readonly #events: OrderEvent[] = [];

  add(order: Omit<Order, "id">): Order {
    return this.put({ ...order, id: this.#byId.size + 1 });
  }

  put(order: Order): Order {
    this.#byId.set(order.id, order);
    return order;
  }

  byId(id: number): Order | undefined {
    return this.#byId.get(id);
  }

  /** Orders, newest first. */
  page(filter: OrderFilter): Order[] {
    const found = [...this.#byId.values()].filter(
      (order) =>
        order.id < filter.before &&
        (filter.customerId === undefined || order.customerId === filter.customerId) &&
        (filter.status === undefined || order.status === filter.status),
    );
    return found.reverse().slice(0, filter.limit);
  }

  keep(customerId: number, key: string, kept: Kept): void {
    this.#keys.set(`${String(customerId)}:${key}`, kept);
  }

  kept(customerId: number, key: string): Kept | undefined {
    return this.#keys.get(`${String(customerId)}:${key}`);
  }

  tell(event: Omit<OrderEvent, "id">): void {
    this.#events.push({ ...event, id: this.#events.length + 1 });
  }

  /** Events after one of them, oldest first; those of one customer, or of all. */
  events(after: number, limit: number, customerId?: number): OrderEvent[] {
    const later = this.#events.slice(after);
    return later
      .filter((event) => customerId === undefined || event.customerId === customerId)
      .slice(0, limit);
  }
}
