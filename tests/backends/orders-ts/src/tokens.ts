/** Signed bearer tokens that expire: a JSON payload and its HMAC-SHA256. */

import { createHmac, timingSafeEqual } from "node:crypto";
import { type Clock, seconds } from "./clock.js";
import { NotAuthenticatedError } from "./errors.js";
import type { Identity, Role } from "./models.js";

interface Claims {
  readonly sub: number;
  readonly role: Role;
  readonly exp: number;
}

/** Issues tokens and reads them back. */
export class TokenSigner {
  readonly lifetimeSeconds: number;
  readonly #key: string;
  readonly #clock: Clock;

  constructor(key: string, lifetimeSeconds: number, clock: Clock) {
    this.#key = key;
    this.lifetimeSeconds = lifetimeSeconds;
    this.#clock = clock;
  }

  /** Return a token that proves the identity until it expires. */
  issue(identity: Identity): string {
    const exp = Math.floor(seconds(this.#clock)) + this.lifetimeSeconds;
    const claims: Claims = { sub: identity.userId, role: identity.role, exp };
    const payload = Buffer.from(JSON.stringify(claims));
    return `${payload.toString("base64url")}.${this.#sign(payload).toString("base64url")}`;
  }

  /** Return the identity of a genuine, unexpired token. */
  read(token: string): Identity {
    const [payload, signature, ...rest] = token.split(".");
    if (payload === undefined || signature === undefined || rest.length > 0) {
      throw new NotAuthenticatedError("the token is malformed");
    }
    const signed = Buffer.from(payload, "base64url");
    const expected = this.#sign(signed);
    const given = Buffer.from(signature, "base64url");
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new NotAuthenticatedError("the token's signature is wrong");
    }
    const claims = JSON.parse(signed.toString()) as Claims; // our own words: the signature is ours
    if (claims.exp <= seconds(this.#clock)) {
      throw new NotAuthenticatedError("the token has expired");
    }
    return { userId: claims.sub, role: claims.role };
  }

  #sign(payload: Buffer): Buffer {
    return createHmac("sha256", this.#key).update(payload).digest();
  }
}
