/** A shop in memory, with short ways to ask it. */

import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { createApp } from "../src/app.js";
import type { Settings } from "../src/settings.js";

export const PASSWORD = "a long enough secret"; // pragma: allowlist secret
export const ADMIN = "root@shop.example";

export const SETTINGS: Settings = {
  secretKey: "k".repeat(32),
  host: "127.0.0.1",
  port: 0,
  tokenLifetimeSeconds: 3600,
  passwordCost: 16,
  anonymousLimit: 100,
  signedInLimit: 1000,
  loginAttempts: 5,
  limitWindowSeconds: 900,
  admin: { email: ADMIN, password: PASSWORD },
};

export interface Asked {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export type Answer = LightMyRequestResponse;
type Method = "GET" | "POST" | "PATCH";

export class Shop {
  readonly app: FastifyInstance;
  #time = Date.UTC(2026, 0, 31, 12);

  constructor(settings: Partial<Settings> = {}) {
    this.app = createApp({ ...SETTINGS, ...settings }, { clock: () => new Date(this.#time) });
  }

  /** Let time pass. */
  wait(seconds: number): void {
    this.#time += seconds * 1000;
  }

  async ask(method: Method, url: string, asked: Asked = {}): Promise<Answer> {
    const { token, body, headers } = asked;
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return await this.app.inject({
      method,
      url,
      headers: { ...headers, ...authorization },
      ...(body === undefined ? {} : { payload: body as object }),
    });
  }

  get(url: string, token?: string): Promise<Answer> {
    return this.ask("GET", url, token === undefined ? {} : { token });
  }

  async login(email: string): Promise<string> {
    const body = { email, password: PASSWORD };
    return textOf(await this.ask("POST", "/auth/login", { body }), "accessToken");
  }

  /** Register a customer and sign them in. */
  async customer(email = "ada@shop.example"): Promise<string> {
    await this.ask("POST", "/auth/register", { body: { email, password: PASSWORD } });
    return await this.login(email);
  }

  admin(): Promise<string> {
    return this.login(ADMIN);
  }

  /** Put a product on sale; its id. */
  async product(sku = "TEA-1", stock = 10, priceCents = 250): Promise<number> {
    const body = { sku, name: `Tea ${sku}`, priceCents, stock };
    const answer = await this.ask("POST", "/products", { token: await this.admin(), body });
    return numberOf(answer, "id");
  }

  order(token: string, productId: number, quantity = 1, key?: string): Promise<Answer> {
    const headers = key === undefined ? {} : { "idempotency-key": key };
    const body = { lines: [{ productId, quantity }] };
    return this.ask("POST", "/orders", { token, body, headers });
  }

  move(token: string, id: number, status: string): Promise<Answer> {
    return this.ask("POST", `/orders/${String(id)}/status`, { token, body: { status } });
  }

  async stock(id: number): Promise<number> {
    return numberOf(await this.get(`/products/${String(id)}`), "stock");
  }
}

export function bodyOf(answer: Answer): Record<string, unknown> {
  return JSON.parse(answer.body) as Record<string, unknown>;
}

export function itemsOf(answer: Answer): Record<string, unknown>[] {
  return bodyOf(answer)["items"] as Record<string, unknown>[];
}

export function textOf(answer: Answer, name: string): string {
  const value = bodyOf(answer)[name];
  if (typeof value !== "string") {
    throw new Error(`no text ${name} in ${answer.body}`);
  }
  return value;
}

export function numberOf(answer: Answer, name: string): number {
  const value = bodyOf(answer)[name];
  if (typeof value !== "number") {
    throw new Error(`no number ${name} in ${answer.body}`);
  }
  return value;
}

/** The status and the code of a refusal. */
export function refusal(answer: Answer): [number, unknown] {
  return [answer.statusCode, bodyOf(answer)["code"]];
}
