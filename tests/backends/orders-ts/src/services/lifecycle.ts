/** The states of an order, and who may move it from one to the next. */

import { ConflictError, ForbiddenError } from "../errors.js";
import type { OrderStatus } from "../models.js";

const TRANSITIONS = new Map<OrderStatus, readonly OrderStatus[]>([
  ["pending", ["paid", "cancelled"]],
  ["paid", ["shipped", "cancelled"]],
  ["shipped", ["delivered"]],
]);

/** Tell whether nothing can follow a status. */
export function isFinal(status: OrderStatus): boolean {
  return !TRANSITIONS.has(status);
}

/** Refuse a move that the states or the caller's role do not allow. */
export function checkMove(current: OrderStatus, target: OrderStatus, byAdmin: boolean): void {
  if (!(TRANSITIONS.get(current) ?? []).includes(target)) {
    const message = `an order that is ${current} cannot become ${target}`;
    throw new ConflictError(message, "invalid_transition");
  }
  const byCustomer = current === "pending";
  if (!byAdmin && !byCustomer) {
    throw new ForbiddenError(`only an administrator may make an order ${target}`);
  }
}
