/** The configuration of the service, read once from the environment. */

import { randomBytes } from "node:crypto";

export const MINIMUM_SECRET_LENGTH = 32;

/** The environment does not describe a service that may start. */
export class SettingsError extends Error {}

export interface Settings {
  readonly secretKey: string;
  readonly host: string;
  readonly port: number;
  readonly tokenLifetimeSeconds: number;
  readonly passwordCost: number;
  readonly anonymousLimit: number;
  readonly signedInLimit: number;
  readonly loginAttempts: number;
  readonly limitWindowSeconds: number;
  readonly admin: { readonly email: string; readonly password: string } | null;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Read the settings from `ORDERS_*` variables, refusing what cannot be safe. */
export function readSettings(env: Environment): Settings {
  const email = env["ORDERS_ADMIN_EMAIL"] ?? "";
  const password = env["ORDERS_ADMIN_PASSWORD"] ?? "";
  return {
    secretKey: secretKey(env),
    host: env["ORDERS_HOST"] ?? "127.0.0.1",
    port: positive("ORDERS_PORT", env["ORDERS_PORT"], 8000),
    tokenLifetimeSeconds: positive(
      "ORDERS_TOKEN_LIFETIME_SECONDS",
      env["ORDERS_TOKEN_LIFETIME_SECONDS"],
      3600,
    ),
    passwordCost: 2 ** 15,
    anonymousLimit: positive("ORDERS_ANONYMOUS_LIMIT", env["ORDERS_ANONYMOUS_LIMIT"], 100),
    signedInLimit: positive("ORDERS_SIGNED_IN_LIMIT", env["ORDERS_SIGNED_IN_LIMIT"], 1000),
    loginAttempts: positive("ORDERS_LOGIN_ATTEMPTS", env["ORDERS_LOGIN_ATTEMPTS"], 5),
    limitWindowSeconds: positive(
      "ORDERS_LIMIT_WINDOW_SECONDS",
      env["ORDERS_LIMIT_WINDOW_SECONDS"],
      900,
    ),
    admin: email !== "" && password !== "" ? { email, password } : null,
  };
}

function secretKey(env: Environment): string {
  const given = env["ORDERS_SECRET_KEY"] ?? "";
  const isDevelopment = (env["ORDERS_ENVIRONMENT"] ?? "development") === "development";
  if (given === "" && isDevelopment) {
    return randomBytes(MINIMUM_SECRET_LENGTH).toString("base64url");
  }
  if (given.length < MINIMUM_SECRET_LENGTH) {
    throw new SettingsError(
      `ORDERS_SECRET_KEY needs at least ${String(MINIMUM_SECRET_LENGTH)} characters`,
    );
  }
  return given;
}

function positive(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) {
    return fallback;
  }
  if (!/^[1-9][0-9]{0,8}$/.test(text)) {
    throw new SettingsError(`${name} must be a whole number above 0, not "${text}"`);
  }
  return Number(text);
}
