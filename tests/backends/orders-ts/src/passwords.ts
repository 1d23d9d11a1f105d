/** Password hashing with scrypt; the cost travels with the hash, so it can be raised later. */

import { randomBytes, scryptSync, timingSafeEqual } from "node:crypto";

const BLOCK_SIZE = 8;
const SALT_BYTES = 16;
const KEY_BYTES = 32;
const MEMORY_FACTOR = 256;

/** Return a salted hash of the password in the form `scrypt$cost$salt$key`. */
export function hashPassword(password: string, cost: number): string {
  const salt = randomBytes(SALT_BYTES);
  const key = derive(password, salt, cost);
  return ["scrypt", String(cost), salt.toString("base64"), key.toString("base64")].join("$");
}

/** Tell whether the password belongs to a stored hash, in constant time. */
export function verifyPassword(password: string, stored: string): boolean {
  const [scheme, cost, salt, key] = stored.split("$");
  if (scheme !== "scrypt" || cost === undefined || salt === undefined || key === undefined) {
    return false;
  }
  const expected = Buffer.from(key, "base64");
  const derived = derive(password, Buffer.from(salt, "base64"), Number(cost));
  return expected.length === derived.length && timingSafeEqual(derived, expected);
}

function derive(password: string, salt: Buffer, cost: number): Buffer {
  return scryptSync(password, salt, KEY_BYTES, {
    N: cost,
    r: BLOCK_SIZE,
    p: 1,
    maxmem: cost * BLOCK_SIZE * MEMORY_FACTOR,
  });
}
