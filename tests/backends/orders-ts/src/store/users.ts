/** Users, by id and by address. */

import type { User } from "../models.js";

export class Users {
  readonly #byId = new Map<number, User>();
  readonly #byEmail = new Map<string, User>();

  /** Keep a new user; undefined where the address is taken. */
  add(user: Omit<User, "id">): User | undefined {
    if (this.#byEmail.has(user.email)) {
      return undefined;
    }
    const added = { ...user, id: this.#byId.size + 1 };
    this.#byId.set(added.id, added);
    this.#byEmail.set(added.email, added);
    return added;
  }

  byId(id: number): User | undefined {
    return this.#byId.get(id);
  }

  byEmail(email: string): User | undefined {
    return this.#byEmail.get(email);
  }
}
