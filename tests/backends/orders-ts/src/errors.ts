/** Everything that can go wrong for a caller, each with a stable code and an HTTP status. */

export class OrdersError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super(message);
    this.name = new.target.name;
    this.code = code;
    this.status = status;
  }
}

/** The request is well formed but asks for something that makes no sense. */
export class InvalidInputError extends OrdersError {
  constructor(message: string) {
    super("invalid_input", 422, message);
  }
}

/** The caller has not shown who they are. */
export class NotAuthenticatedError extends OrdersError {
  constructor(message: string) {
    super("not_authenticated", 401, message);
  }
}

/** The caller is known but may not do this. */
export class ForbiddenError extends OrdersError {
  constructor(message: string) {
    super("forbidden", 403, message);
  }
}

/** The thing does not exist, or the caller may not know that it does. */
export class NotFoundError extends OrdersError {
  constructor(message: string) {
    super("not_found", 404, message);
  }
}

type Conflict = "conflict" | "out_of_stock" | "invalid_transition" | "idempotency_conflict";

/** The request collides with the present state. */
export class ConflictError extends OrdersError {
  constructor(message: string, code: Conflict = "conflict") {
    super(code, 409, message);
  }
}

/** The caller exceeded a limit and is told when to come back. */
export class TooManyRequestsError extends OrdersError {
  readonly retryAfter: number;

  constructor(message: string, retryAfter: number) {
    super("too_many_requests", 429, message);
    this.retryAfter = retryAfter;
  }
}
