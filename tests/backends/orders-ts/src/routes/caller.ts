/** Who is calling, and how much they may ask for. */

import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Container } from "../container.js";
import { NotAuthenticatedError } from "../errors.js";
import type { Identity } from "../models.js";

const SCHEME = "Bearer ";

declare module "fastify" {
  interface FastifyRequest {
    identity: Identity | null;
  }
}

/** Read the caller's token, and count the request against their limit. */
export function identify(app: FastifyInstance, container: Container): void {
  const { limiter, settings, signer } = container;
  app.decorateRequest("identity", null);
  app.addHook("onRequest", (request, reply, done) => {
    const header = request.headers.authorization;
    if (header?.startsWith(SCHEME) === true) {
      request.identity = signer.read(header.slice(SCHEME.length));
    }
    const { identity } = request;
    const left =
      identity === null
        ? limiter.take(`address ${request.ip}`, settings.anonymousLimit)
        : limiter.take(`user ${String(identity.userId)}`, settings.signedInLimit);
    reply.header("X-RateLimit-Remaining", String(left));
    done();
  });
}

/** The caller of a route that is not for everybody. */
export function callerOf(request: FastifyRequest): Identity {
  if (request.identity === null) {
    throw new NotAuthenticatedError("a token is needed: Authorization: Bearer");
  }
  return request.identity;
}
