import { describe, expect, it } from "vitest";
import { bodyOf, itemsOf, numberOf, refusal, Shop, textOf } from "./shop.js";

describe("creating an order", () => {
  it("takes the stock and keeps the price of the day", async () => {
    const shop = new Shop();
    const id = await shop.product("TEA-1", 10, 250);
    const token = await shop.customer();
    const created = await shop.order(token, id, 3);
    expect(created.statusCode).toBe(201);
    expect(bodyOf(created)).toEqual({
      id: 1,
      customerId: 2,
      status: "pending",
      totalCents: 750,
      note: "",
      lines: [{ productId: id, quantity: 3, unitPriceCents: 250 }],
      createdAt: "2026-01-31T12:00:00.000Z",
      updatedAt: "2026-01-31T12:00:00.000Z",
    });
    expect(await shop.stock(id)).toBe(7);
    const admin = await shop.admin();
    await shop.ask("PATCH", `/products/${String(id)}`, { token: admin, body: { priceCents: 999 } });
    expect(numberOf(await shop.get("/orders/1", token), "totalCents")).toBe(750);
  });

  it("takes all lines or none", async () => {
    const shop = new Shop();
    const [plenty, short] = [await shop.product("TEA-1", 10), await shop.product("TEA-2", 1)];
    const lines = [
      { productId: plenty, quantity: 2 },
      { productId: short, quantity: 2 },
    ];
    const token = await shop.customer();
    const refused = await shop.ask("POST", "/orders", { token, body: { lines } });
    expect(refusal(refused)).toEqual([409, "out_of_stock"]);
    expect(textOf(refused, "message")).toContain(String(short));
    expect([await shop.stock(plenty), await shop.stock(short)]).toEqual([10, 1]);
  });

  it("never sells more than there is", async () => {
    const shop = new Shop();
    const id = await shop.product("TEA-1", 5);
    const token = await shop.customer();
    const answers = await Promise.all(Array.from({ length: 20 }, () => shop.order(token, id)));
    const sold = answers.filter((answer) => answer.statusCode === 201);
    expect(sold).toHaveLength(5);
    expect(await shop.stock(id)).toBe(0);
  });

  it("refuses a product twice, and one that is not there", async () => {
    const shop = new Shop();
    const id = await shop.product();
    const token = await shop.customer();
    const line = { productId: id, quantity: 1 };
    for (const lines of [[line, line], [{ productId: 99, quantity: 1 }]]) {
      const answer = await shop.ask("POST", "/orders", { token, body: { lines } });
      expect(refusal(answer)).toEqual([422, "invalid_input"]);
    }
  });

  it.each([{ lines: [] }, { lines: [{ productId: 1, quantity: 0 }] }, { lines: 1 }, {}])(
    "refuses what is no order: %j",
    async (body) => {
      const shop = new Shop();
      const token = await shop.customer();
      const answer = await shop.ask("POST", "/orders", { token, body });
      expect(refusal(answer)).toEqual([422, "invalid_input"]);
    },
  );

  it("answers a repeated request with the first order", async () => {
    const shop = new Shop();
    const id = await shop.product("TEA-1", 10);
    const token = await shop.customer();
    const first = await shop.order(token, id, 2, "key-0000001");
    const again = await shop.order(token, id, 2, "key-0000001");
    expect([first.statusCode, again.statusCode]).toEqual([201, 200]);
    expect(again.body).toBe(first.body);
    expect(await shop.stock(id)).toBe(8);
    const other = await shop.order(token, id, 3, "key-0000001");
    expect(refusal(other)).toEqual([409, "idempotency_conflict"]);
    const stranger = await shop.order(
      await shop.customer("eve@shop.example"),
      id,
      3,
      "key-0000001",
    );
    expect(stranger.statusCode).toBe(201);
  });
});

describe("reading orders", () => {
  it("shows customers their own, and administrators all", async () => {
    const shop = new Shop();
    const id = await shop.product();
    const [ada, eve] = [await shop.customer(), await shop.customer("eve@shop.example")];
    await shop.order(ada, id);
    await shop.order(eve, id);
    expect(refusal(await shop.get("/orders/1", eve))).toEqual([404, "not_found"]);
    expect(itemsOf(await shop.get("/orders", eve)).map((order) => order["id"])).toEqual([2]);
    expect(itemsOf(await shop.get("/orders?customerId=2", eve))).toMatchObject([{ id: 2 }]);
    const admin = await shop.admin();
    const all = itemsOf(await shop.get("/orders", admin));
    expect(all.map((order) => order["id"])).toEqual([2, 1]);
    expect(itemsOf(await shop.get("/orders?customerId=2", admin))).toMatchObject([{ id: 1 }]);
    expect(itemsOf(await shop.get("/orders?status=paid", admin))).toEqual([]);
  });

  it("goes on where the page before ended, whatever came in between", async () => {
    const shop = new Shop();
    const id = await shop.product();
    const token = await shop.customer();
    await shop.order(token, id);
    await shop.order(token, id);
    await shop.order(token, id);
    const first = await shop.get("/orders?limit=2", token);
    await shop.order(token, id);
    const cursor = textOf(first, "nextCursor");
    const second = await shop.get(`/orders?limit=2&cursor=${cursor}`, token);
    expect(itemsOf(second).map((order) => order["id"])).toEqual([1]);
  });

  it("needs a token", async () => {
    const shop = new Shop();
    for (const url of ["/orders", "/orders/1", "/orders/1/history", "/events"]) {
      expect(refusal(await shop.get(url))).toEqual([401, "not_authenticated"]);
    }
  });
});

describe("the way of an order", () => {
  it("is walked by customer and administrator", async () => {
    const shop = new Shop();
    const token = await shop.customer();
    await shop.order(token, await shop.product());
    const admin = await shop.admin();
    expect(bodyOf(await shop.move(token, 1, "paid"))["status"]).toBe("paid");
    shop.wait(60);
    expect(refusal(await shop.move(token, 1, "shipped"))).toEqual([403, "forbidden"]);
    expect(bodyOf(await shop.move(admin, 1, "shipped"))["status"]).toBe("shipped");
    expect(bodyOf(await shop.move(admin, 1, "delivered"))["status"]).toBe("delivered");
    const history = JSON.parse((await shop.get("/orders/1/history", token)).body) as object[];
    expect(history).toEqual([
      { status: "pending", actorId: 2, at: "2026-01-31T12:00:00.000Z" },
      { status: "paid", actorId: 2, at: "2026-01-31T12:00:00.000Z" },
      { status: "shipped", actorId: 1, at: "2026-01-31T12:01:00.000Z" },
      { status: "delivered", actorId: 1, at: "2026-01-31T12:01:00.000Z" },
    ]);
  });

  it("gives the stock of a cancelled order back, once", async () => {
    const shop = new Shop();
    const id = await shop.product("TEA-1", 5);
    const token = await shop.customer();
    await shop.order(token, id, 4);
    expect((await shop.move(token, 1, "cancelled")).statusCode).toBe(200);
    expect(await shop.stock(id)).toBe(5);
    expect(refusal(await shop.move(token, 1, "cancelled"))).toEqual([409, "invalid_transition"]);
    expect(await shop.stock(id)).toBe(5);
  });

  it("lets the note be changed until the order is on its way", async () => {
    const shop = new Shop();
    const token = await shop.customer();
    await shop.order(token, await shop.product());
    const note = { token, body: { note: "Ring twice." } };
    expect(bodyOf(await shop.ask("PATCH", "/orders/1", note))["note"]).toBe("Ring twice.");
    await shop.move(token, 1, "paid");
    await shop.move(await shop.admin(), 1, "shipped");
    const late = await shop.ask("PATCH", "/orders/1", note);
    expect(refusal(late)).toEqual([409, "invalid_transition"]);
  });
});

describe("events", () => {
  it("tell customers of their own orders, and administrators of all", async () => {
    const shop = new Shop();
    const id = await shop.product();
    const [ada, eve] = [await shop.customer(), await shop.customer("eve@shop.example")];
    await shop.order(ada, id);
    await shop.order(eve, id);
    await shop.move(ada, 1, "paid");
    expect(itemsOf(await shop.get("/events", ada))).toEqual([
      {
        id: 1,
        kind: "order.created",
        orderId: 1,
        status: "pending",
        at: "2026-01-31T12:00:00.000Z",
      },
      { id: 3, kind: "order.moved", orderId: 1, status: "paid", at: "2026-01-31T12:00:00.000Z" },
    ]);
    const admin = await shop.admin();
    const first = await shop.get("/events?limit=2", admin);
    const next = await shop.get(`/events?cursor=${textOf(first, "nextCursor")}`, admin);
    expect(itemsOf(next).map((event) => event["id"])).toEqual([3]);
  });
});
