/** Builds the application. */

import { randomUUID } from "node:crypto";
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from "fastify";
import { type Clock, now } from "./clock.js";
import { build, type Container } from "./container.js";
import { OrdersError, TooManyRequestsError } from "./errors.js";
import { auth } from "./routes/auth.js";
import { identify } from "./routes/caller.js";
import { operations } from "./routes/operations.js";
import { orders } from "./routes/orders.js";
import { products } from "./routes/products.js";
import type { Settings } from "./settings.js";

const BODY_BYTES = 64 * 1024;
const REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;
const SAFE_HEADERS = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Referrer-Policy": "no-referrer",
  "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
};

export interface AppOptions {
  readonly clock?: Clock;
  readonly isLogged?: boolean;
}

/** Return the service with the given settings. */
export function createApp(settings: Settings, options: AppOptions = {}): FastifyInstance {
  const container = build(settings, options.clock ?? now);
  const app = Fastify({
    logger: options.isLogged ?? false,
    bodyLimit: BODY_BYTES,
    genReqId: (request) => requestId(request.headers["x-request-id"]),
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
  });
  observe(app, container);
  app.setErrorHandler(refuse);
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ code: "not_found", message: "there is nothing at this address" }),
  );
  operations(app, container);
  void app.register((scope, _options, done) => {
    identify(scope, container);
    for (const routes of [auth, products, orders]) {
      routes(scope, container);
    }
    done();
  });
  return app;
}

function requestId(offered: string | string[] | undefined): string {
  return typeof offered === "string" && REQUEST_ID.test(offered) ? offered : randomUUID();
}

/** Watch every request: an id, numbers, and safe headers. */
function observe(app: FastifyInstance, { metrics }: Container): void {
  app.addHook("onRequest", (request, reply, done) => {
    reply.headers({ ...SAFE_HEADERS, "X-Request-ID": request.id });
    done();
  });
  app.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "unmatched";
    metrics.answered(request.method, route, reply.statusCode, reply.elapsedTime / 1000);
    done();
  });
}

function refuse(error: FastifyError, request: { log: Logger }, reply: FastifyReply): void {
  if (error instanceof TooManyRequestsError) {
    reply.header("Retry-After", String(error.retryAfter));
  }
  if (error instanceof OrdersError) {
    if (error.status === 401) {
      reply.header("WWW-Authenticate", "Bearer");
    }
    reply.code(error.status).send({ code: error.code, message: error.message });
  } else if (error.validation !== undefined) {
    reply.code(422).send({ code: "invalid_input", message: error.message });
  } else if (error.statusCode !== undefined && error.statusCode < 500) {
    reply.code(error.statusCode).send({ code: "bad_request", message: error.message });
  } else {
    request.log.error(error);
    reply.code(500).send({ code: "internal", message: "something went wrong on our side" });
  }
}

interface Logger {
  error(error: Error): void;
}
