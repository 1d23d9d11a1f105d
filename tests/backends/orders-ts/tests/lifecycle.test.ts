import { describe, expect, it } from "vitest";
import { ConflictError, ForbiddenError } from "../src/errors.js";
import { type OrderStatus, STATUSES } from "../src/models.js";
import { checkMove, isFinal } from "../src/services/lifecycle.js";

const MOVES = new Map<string, "customer" | "admin">([
  ["pending paid", "customer"],
  ["pending cancelled", "customer"],
  ["paid shipped", "admin"],
  ["paid cancelled", "admin"],
  ["shipped delivered", "admin"],
]);

const pairs = STATUSES.flatMap((from) =>
  STATUSES.map((to): [OrderStatus, OrderStatus] => [from, to]),
);

describe("the states of an order", () => {
  it.each(pairs)("%s to %s is for whom it should be", (from, to) => {
    const mover = MOVES.get(`${from} ${to}`);
    const byAdmin = (): void => {
      checkMove(from, to, true);
    };
    const byCustomer = (): void => {
      checkMove(from, to, false);
    };
    if (mover === undefined) {
      expect(byAdmin).toThrow(ConflictError);
      expect(byCustomer).toThrow(ConflictError);
      return;
    }
    expect(byAdmin).not.toThrow();
    if (mover === "admin") {
      expect(byCustomer).toThrow(ForbiddenError);
    } else {
      expect(byCustomer).not.toThrow();
    }
  });

  it("ends in two of them", () => {
    expect(STATUSES.filter(isFinal)).toEqual(["delivered", "cancelled"]);
  });
});
