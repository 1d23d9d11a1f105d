/** Request limits: a fixed window per caller, kept in memory. */

import { type Clock, seconds } from "./clock.js";
import { TooManyRequestsError } from "./errors.js";

interface Window {
  readonly started: number;
  used: number;
}

/** Counts what each caller did in the present window and refuses what is too much. */
export class Limiter {
  readonly #seconds: number;
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #windows = new Map<string, Window>();

  constructor(windowSeconds: number, clock: Clock, capacity = 10_000) {
    this.#seconds = windowSeconds;
    this.#clock = clock;
    this.#capacity = capacity;
  }

  /** Count one request and return how many are left, or refuse it. */
  take(caller: string, limit: number): number {
    const now = seconds(this.#clock);
    let window = this.#windows.get(caller);
    if (window === undefined || now >= window.started + this.#seconds) {
      this.#makeRoom(now);
      window = { started: now, used: 0 };
      this.#windows.set(caller, window);
    }
    if (window.used >= limit) {
      const wait = Math.ceil(window.started + this.#seconds - now);
      throw new TooManyRequestsError("too many requests", wait);
    }
    window.used += 1;
    return limit - window.used;
  }

  /** Give a caller a fresh window. */
  forget(caller: string): void {
    this.#windows.delete(caller);
  }

  #makeRoom(now: number): void {
    if (this.#windows.size < this.#capacity) {
      return;
    }
    const callers = [...this.#windows];
    const expired = callers.filter(([, window]) => now >= window.started + this.#seconds);
    for (const [caller] of expired.length > 0 ? expired : callers.slice(0, 1)) {
      this.#windows.delete(caller);
    }
  }
}
