import { describe, expect, it } from "vitest";
import { hashPassword, verifyPassword } from "../src/passwords.js";
import { TokenSigner } from "../src/tokens.js";
import { ADMIN, bodyOf, PASSWORD, refusal, Shop } from "./shop.js";

const ACCOUNT = { email: "Ada@Shop.example", password: PASSWORD };

describe("accounts", () => {
  it("registers a customer and signs them in", async () => {
    const shop = new Shop();
    const registered = await shop.ask("POST", "/auth/register", { body: ACCOUNT });
    expect(registered.statusCode).toBe(201);
    expect(bodyOf(registered)).toEqual({
      id: 2,
      email: "ada@shop.example",
      role: "customer",
      createdAt: "2026-01-31T12:00:00.000Z",
    });
    const token = await shop.login(ACCOUNT.email);
    expect(bodyOf(await shop.get("/auth/me", token))["email"]).toBe("ada@shop.example");
  });

  it("refuses an address that is taken", async () => {
    const shop = new Shop();
    await shop.ask("POST", "/auth/register", { body: ACCOUNT });
    const again = await shop.ask("POST", "/auth/register", { body: ACCOUNT });
    expect(refusal(again)).toEqual([409, "conflict"]);
  });

  it.each([
    { email: "nobody", password: PASSWORD },
    { email: "a@b.example", password: "short" }, // pragma: allowlist secret
    { email: "a@b.example", password: PASSWORD, role: "admin" },
    { email: "a@b.example" },
    "text",
  ])("refuses what is no account: %j", async (body) => {
    const answer = await new Shop().ask("POST", "/auth/register", { body });
    expect(answer.statusCode).toBeGreaterThanOrEqual(415);
    expect(answer.statusCode).toBeLessThanOrEqual(422);
  });

  it("does not tell a wrong password from an unknown address", async () => {
    const shop = new Shop();
    const answers = [
      await shop.ask("POST", "/auth/login", { body: { ...ACCOUNT, email: "x@y.example" } }),
      await shop.ask("POST", "/auth/login", { body: { email: ADMIN, password: "0123456789" } }),
    ];
    expect(answers.map(refusal)).toEqual([
      [401, "not_authenticated"],
      [401, "not_authenticated"],
    ]);
    expect(answers[0]?.body).toBe(answers[1]?.body);
  });

  it("stops guessing for a while", async () => {
    const shop = new Shop({ loginAttempts: 2 });
    const body = { email: ADMIN, password: "0123456789" };
    await shop.ask("POST", "/auth/login", { body });
    await shop.ask("POST", "/auth/login", { body });
    const third = await shop.ask("POST", "/auth/login", { body });
    expect(refusal(third)).toEqual([429, "too_many_requests"]);
    expect(third.headers["retry-after"]).toBe("900");
    shop.wait(900);
    expect(await shop.admin()).not.toBe("");
  });

  it("forgets failed attempts after a login", async () => {
    const shop = new Shop({ loginAttempts: 2 });
    for (let round = 0; round < 3; round += 1) {
      const body = { email: ADMIN, password: "0123456789" };
      expect((await shop.ask("POST", "/auth/login", { body })).statusCode).toBe(401);
      expect(await shop.admin()).not.toBe("");
    }
  });
});

describe("tokens", () => {
  it("expire", async () => {
    const shop = new Shop();
    const token = await shop.admin();
    shop.wait(3599);
    expect((await shop.get("/auth/me", token)).statusCode).toBe(200);
    shop.wait(1);
    const late = await shop.get("/auth/me", token);
    expect(refusal(late)).toEqual([401, "not_authenticated"]);
    expect(late.headers["www-authenticate"]).toBe("Bearer");
  });

  it("are needed", async () => {
    expect(refusal(await new Shop().get("/auth/me"))).toEqual([401, "not_authenticated"]);
  });

  it("cannot be made up", async () => {
    const shop = new Shop();
    const [payload = "", signature = ""] = (await shop.admin()).split(".");
    const forged = Buffer.from('{"sub":1,"role":"admin","exp":9999999999}').toString("base64url");
    const tokens = [`${forged}.${signature}`, payload, `${payload}.x`, `${payload}.${signature}.x`];
    for (const token of tokens) {
      expect((await shop.get("/auth/me", token)).statusCode).toBe(401);
    }
  });

  it("of an account that is gone do not serve", async () => {
    const shop = new Shop();
    const signer = new TokenSigner("k".repeat(32), 60, () => new Date(Date.UTC(2026, 0, 31, 12)));
    const token = signer.issue({ userId: 99, role: "customer" });
    expect(refusal(await shop.get("/auth/me", token))).toEqual([401, "not_authenticated"]);
  });
});

describe("password hashes", () => {
  it("are salted and verify", () => {
    const stored = hashPassword(PASSWORD, 16);
    expect(stored).not.toBe(hashPassword(PASSWORD, 16));
    expect(verifyPassword(PASSWORD, stored)).toBe(true);
    expect(verifyPassword("another", stored)).toBe(false);
  });

  it.each(["", "plain", "md5$1$2$3", "scrypt$16$only", "scrypt$16$c2FsdA==$c2hvcnQ="])(
    "of another kind never verify: %s",
    (stored) => {
      expect(verifyPassword(PASSWORD, stored)).toBe(false);
    },
  );
});
