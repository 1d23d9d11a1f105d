/** What probes and Prometheus ask. */

import type { FastifyInstance } from "fastify";
import type { Container } from "../container.js";
import { VERSION } from "../version.js";

export function operations(app: FastifyInstance, { metrics }: Container): void {
  app.get("/health", (_request, reply) => reply.send({ status: "ok", version: VERSION }));

  app.get("/metrics", (_request, reply) => reply.type(metrics.contentType).send(metrics.render()));
}
