/** Registration, login and the first administrator. */

import type { Clock } from "../clock.js";
import { ConflictError, NotAuthenticatedError } from "../errors.js";
import type { Limiter } from "../limits.js";
import type { Identity, Role, User } from "../models.js";
import { hashPassword, verifyPassword } from "../passwords.js";
import type { Users } from "../store/users.js";
import type { TokenSigner } from "../tokens.js";

export interface AccountsOptions {
  readonly passwordCost: number;
  readonly attemptLimit: number;
}

/** The use cases about users. */
export class Accounts {
  readonly #users: Users;
  readonly #signer: TokenSigner;
  readonly #attempts: Limiter;
  readonly #clock: Clock;
  readonly #options: AccountsOptions;
  readonly #decoy: string;

  constructor(
    users: Users,
    signer: TokenSigner,
    attempts: Limiter,
    clock: Clock,
    options: AccountsOptions,
  ) {
    this.#users = users;
    this.#signer = signer;
    this.#attempts = attempts;
    this.#clock = clock;
    this.#options = options;
    this.#decoy = hashPassword("decoy", options.passwordCost);
  }

  /** Create a user, refusing an address that is taken. */
  register(email: string, password: string, role: Role = "customer"): User {
    const user = this.#users.add({
      email: email.toLowerCase(),
      passwordHash: hashPassword(password, this.#options.passwordCost),
      role,
      createdAt: this.#clock(),
    });
    if (user === undefined) {
      throw new ConflictError("this address is already registered");
    }
    return user;
  }

  /** Return a token, spending the same time on unknown addresses as on known ones. */
  login(email: string, password: string): string {
    const address = email.toLowerCase();
    this.#attempts.take(address, this.#options.attemptLimit);
    const user = this.#users.byEmail(address);
    const isRight = verifyPassword(password, user?.passwordHash ?? this.#decoy);
    if (!isRight || user === undefined) {
      throw new NotAuthenticatedError("the address or the password is wrong");
    }
    this.#attempts.forget(address);
    return this.#signer.issue({ userId: user.id, role: user.role });
  }

  /** Return the user behind an identity. */
  profile(identity: Identity): User {
    const user = this.#users.byId(identity.userId);
    if (user === undefined) {
      throw new NotAuthenticatedError("this account no longer exists");
    }
    return user;
  }
}
