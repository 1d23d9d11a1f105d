import { describe, expect, it } from "vitest";
import { serve } from "../src/main.js";
import { readSettings, SettingsError } from "../src/settings.js";

const PRODUCTION = { ORDERS_ENVIRONMENT: "production", ORDERS_SECRET_KEY: "k".repeat(32) };

describe("settings", () => {
  it("have defaults for everything but the secret", () => {
    const settings = readSettings(PRODUCTION);
    expect(settings).toMatchObject({ host: "127.0.0.1", port: 8000, anonymousLimit: 100 });
    expect(settings.admin).toBeNull();
  });

  it("are read from the environment", () => {
    const settings = readSettings({
      ...PRODUCTION,
      ORDERS_PORT: "9000",
      ORDERS_LOGIN_ATTEMPTS: "3",
      ORDERS_ADMIN_EMAIL: "root@shop.example",
      ORDERS_ADMIN_PASSWORD: "a long enough secret", // pragma: allowlist secret
    });
    expect(settings).toMatchObject({ port: 9000, loginAttempts: 3 });
    expect(settings.admin?.email).toBe("root@shop.example");
  });

  it("make up a secret in development alone", () => {
    expect(readSettings({}).secretKey).not.toBe(readSettings({}).secretKey);
    expect(() => readSettings({ ORDERS_ENVIRONMENT: "production" })).toThrow(SettingsError);
    expect(() => readSettings({ ORDERS_SECRET_KEY: "short" })).toThrow("at least 32 characters"); // pragma: allowlist secret
  });

  it.each(["0", "-1", "1.5", "ten", "", "1e3"])("refuse %j where a count is due", (text) => {
    expect(() => readSettings({ ...PRODUCTION, ORDERS_PORT: text })).toThrow("ORDERS_PORT");
  });

  it("are asked before anything listens", async () => {
    await expect(serve({ ORDERS_SECRET_KEY: "short" })).rejects.toThrow(SettingsError); // pragma: allowlist secret
  });
});
