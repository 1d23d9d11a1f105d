/** What the shop keeps. Times are UTC, money is integer cents. */

export const ROLES = ["customer", "admin"] as const;
export type Role = (typeof ROLES)[number];

export const STATUSES = ["pending", "paid", "shipped", "delivered", "cancelled"] as const;
export type OrderStatus = (typeof STATUSES)[number];

export interface User {
  readonly id: number;
  readonly email: string;
  readonly passwordHash: string;
  readonly role: Role;
  readonly createdAt: Date;
}

export interface Product {
  readonly id: number;
  readonly sku: string;
  readonly name: string;
  readonly priceCents: number;
  readonly stock: number;
  readonly active: boolean;
}

export interface OrderLine {
  readonly productId: number;
  readonly quantity: number;
  readonly unitPriceCents: number;
}

/** One change of an order's status. */
export interface Step {
  readonly status: OrderStatus;
  readonly actorId: number;
  readonly at: Date;
}

export interface Order {
  readonly id: number;
  readonly customerId: number;
  readonly status: OrderStatus;
  readonly note: string;
  readonly lines: readonly OrderLine[];
  readonly history: readonly Step[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Something that happened to an order. */
export interface OrderEvent {
  readonly id: number;
  readonly kind: "order.created" | "order.changed" | "order.moved";
  readonly orderId: number;
  readonly customerId: number;
  readonly status: OrderStatus;
  readonly at: Date;
}

/** Who is calling, as their token says. */
export interface Identity {
  readonly userId: number;
  readonly role: Role;
}

export function totalCents(order: Order): number {
  return order.lines.reduce((sum, line) => sum + line.quantity * line.unitPriceCents, 0);
}
