/** Pages of a list, and the opaque cursor that says where the next one begins. */

import { InvalidInputError } from "../errors.js";

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

/** Make a page of one item more than was asked for. */
export function cut<Item>(
  found: readonly Item[],
  limit: number,
  position: (item: Item) => number,
): Page<Item> {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const hasMore = found.length > limit && last !== undefined;
  return { items, nextCursor: hasMore ? encodeCursor(position(last)) : null };
}

export function encodeCursor(position: number): string {
  return Buffer.from(`id:${String(position)}`).toString("base64url");
}

/** Return the position that a cursor names. */
export function decodeCursor(cursor: string): number {
  const text = Buffer.from(cursor, "base64url").toString();
  if (!/^id:[1-9][0-9]{0,9}$/.test(text)) {
    throw new InvalidInputError("this cursor is not one of ours");
  }
  return Number(text.slice("id:".length));
}
