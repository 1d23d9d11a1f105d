import { describe, expect, it } from "vitest";
import { createApp } from "../src/app.js";
import { Limiter } from "../src/limits.js";
import { bodyOf, refusal, SETTINGS, Shop } from "./shop.js";

describe("operations", () => {
  it("tells probes that it is up", async () => {
    expect(bodyOf(await new Shop().get("/health"))).toEqual({ status: "ok", version: "1.4.0" });
  });

  it("counts requests by pattern, and orders", async () => {
    const shop = new Shop();
    await shop.order(await shop.customer(), await shop.product());
    await shop.get("/products/7");
    await shop.get("/nowhere/1");
    const { body } = await shop.get("/metrics");
    expect(body).toContain(
      'orders_http_requests_total{method="GET",route="/products/:id",status="404"} 1',
    );
    expect(body).toContain(
      'orders_http_requests_total{method="GET",route="unmatched",status="404"} 1',
    );
    expect(body).toContain(
      'orders_http_request_seconds_bucket{method="POST",route="/orders",le="+Inf"} 1',
    );
    expect(body).toContain("orders_created_total 1\n");
    expect(body).not.toContain("/products/7");
  });

  it("answers what it does not know", async () => {
    const shop = new Shop();
    expect(refusal(await shop.get("/nowhere"))).toEqual([404, "not_found"]);
    const answer = await shop.app.inject({
      method: "POST",
      url: "/auth/login",
      headers: { "content-type": "application/json" },
      payload: '{"email": ',
    });
    expect(refusal(answer)).toEqual([400, "bad_request"]);
  });

  it("does not tell a stranger what went wrong inside", async () => {
    const app = createApp(SETTINGS);
    app.get("/broken", () => {
      throw new Error("the disk of host db1 is full");
    });
    const answer = await app.inject({ url: "/broken" });
    expect(refusal(answer)).toEqual([500, "internal"]);
    expect(answer.body).not.toContain("db1");
  });

  it("gives every answer an id and safe headers", async () => {
    const shop = new Shop();
    const offered = await shop.ask("GET", "/health", { headers: { "x-request-id": "abc-12345" } });
    expect(offered.headers["x-request-id"]).toBe("abc-12345");
    expect(offered.headers["x-content-type-options"]).toBe("nosniff");
    const unsafe = await shop.ask("GET", "/health", { headers: { "x-request-id": "a b" } });
    expect(unsafe.headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe("limits", () => {
  it("hold for strangers and for customers apart", async () => {
    const shop = new Shop({ anonymousLimit: 3, signedInLimit: 2 });
    const token = await shop.customer();
    expect((await shop.get("/products", token)).headers["x-ratelimit-remaining"]).toBe("1");
    expect((await shop.get("/products", token)).statusCode).toBe(200);
    expect(refusal(await shop.get("/products", token))).toEqual([429, "too_many_requests"]);
    expect((await shop.get("/products")).statusCode).toBe(200);
    expect((await shop.get("/products")).statusCode).toBe(429);
    expect((await shop.get("/health")).statusCode).toBe(200);
  });

  it("forget the callers that are over first", () => {
    let time = 0;
    const limiter = new Limiter(10, () => new Date(time), 2);
    limiter.take("a", 1);
    time = 5000;
    limiter.take("b", 1);
    time = 12_000;
    limiter.take("c", 1);
    expect(() => limiter.take("b", 1)).toThrow("too many requests");
    limiter.take("d", 1);
    expect(limiter.take("b", 1)).toBe(0);
  });
});
