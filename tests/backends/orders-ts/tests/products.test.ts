import { describe, expect, it } from "vitest";
import { bodyOf, itemsOf, refusal, Shop, textOf } from "./shop.js";

describe("the catalogue", () => {
  it("shows what is on sale to everybody", async () => {
    const shop = new Shop();
    const id = await shop.product("TEA-1", 3);
    const shown = { id, sku: "TEA-1", name: "Tea TEA-1", priceCents: 250, stock: 3, active: true };
    expect(bodyOf(await shop.get(`/products/${String(id)}`))).toEqual(shown);
    expect(itemsOf(await shop.get("/products"))).toEqual([shown]);
  });

  it("is kept by administrators alone", async () => {
    const shop = new Shop();
    const body = { sku: "TEA-1", name: "Tea", priceCents: 1 };
    const token = await shop.customer();
    expect(refusal(await shop.ask("POST", "/products", { body }))).toEqual([
      401,
      "not_authenticated",
    ]);
    expect(refusal(await shop.ask("POST", "/products", { body, token }))).toEqual([
      403,
      "forbidden",
    ]);
    const change = await shop.ask("PATCH", "/products/1", { body: {}, token });
    expect(refusal(change)).toEqual([403, "forbidden"]);
  });

  it("has each SKU once", async () => {
    const shop = new Shop();
    await shop.product("TEA-1");
    const body = { sku: "TEA-1", name: "Tea", priceCents: 1 };
    const again = await shop.ask("POST", "/products", { body, token: await shop.admin() });
    expect(refusal(again)).toEqual([409, "conflict"]);
  });

  it.each([
    { sku: "tea", name: "Tea", priceCents: 1 },
    { sku: "TEA-1", name: " ", priceCents: 1 },
    { sku: "TEA-1", name: "Tea", priceCents: "1" },
    { sku: "TEA-1", name: "Tea", priceCents: 1.5 },
    { sku: "TEA-1", name: "Tea", priceCents: -1 },
    { sku: "TEA-1", name: "Tea", priceCents: 1, colour: "green" },
  ])("refuses what is no product: %j", async (body) => {
    const shop = new Shop();
    const answer = await shop.ask("POST", "/products", { body, token: await shop.admin() });
    expect(refusal(answer)).toEqual([422, "invalid_input"]);
  });

  it("adds stock and changes what is named, and nothing else", async () => {
    const shop = new Shop();
    const id = await shop.product("TEA-1", 3);
    const token = await shop.admin();
    const url = `/products/${String(id)}`;
    const changed = await shop.ask("PATCH", url, { token, body: { addStock: 4 } });
    expect(bodyOf(changed)).toMatchObject({ name: "Tea TEA-1", priceCents: 250, stock: 7 });
    const renamed = await shop.ask("PATCH", url, { token, body: { name: "Oolong" } });
    expect(bodyOf(renamed)).toMatchObject({ name: "Oolong", priceCents: 250, stock: 7 });
    await shop.ask("PATCH", url, { token, body: { active: false } });
    expect(refusal(await shop.get(url))).toEqual([404, "not_found"]);
    expect(itemsOf(await shop.get("/products"))).toEqual([]);
    const absent = await shop.ask("PATCH", "/products/99", { token, body: {} });
    expect(refusal(absent)).toEqual([404, "not_found"]);
  });

  it("is read page by page", async () => {
    const shop = new Shop();
    for (const sku of ["TEA-1", "TEA-2", "TEA-3"]) {
      await shop.product(sku);
    }
    const first = await shop.get("/products?limit=2");
    expect(itemsOf(first).map((item) => item["sku"])).toEqual(["TEA-1", "TEA-2"]);
    const second = await shop.get(`/products?limit=2&cursor=${textOf(first, "nextCursor")}`);
    expect(itemsOf(second).map((item) => item["sku"])).toEqual(["TEA-3"]);
    expect(bodyOf(second)["nextCursor"]).toBeNull();
  });

  it("is searched", async () => {
    const shop = new Shop();
    await shop.product("TEA-1", 0);
    await shop.product("CUP-1", 1);
    expect(itemsOf(await shop.get("/products?search=tea-1"))).toHaveLength(1);
    expect(itemsOf(await shop.get("/products?available=true"))).toMatchObject([{ sku: "CUP-1" }]);
    expect(itemsOf(await shop.get("/products?available=false"))).toHaveLength(2);
  });

  it.each(["limit=0", "limit=101", "limit=1e1", "cursor=aWQ6MA", "cursor=x", "page=2"])(
    "refuses the question %s",
    async (question) => {
      const answer = await new Shop().get(`/products?${question}`);
      expect(refusal(answer)).toEqual([422, "invalid_input"]);
    },
  );
});
