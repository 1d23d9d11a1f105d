/** Orders, their way through the states, and what happened to them. */

import type { FastifyInstance } from "fastify";
import type { Container } from "../container.js";
import { decodeCursor } from "../services/paging.js";
import { callerOf } from "./caller.js";
import {
  type ById,
  byId,
  eventShown,
  numberIn,
  type OrderIn,
  orderIn,
  type OrderPatch,
  orderPatch,
  type OrderQuery,
  orderQuery,
  orderShown,
  type PageQuery,
  pageQuery,
  pageShown,
  type RepeatKey,
  repeatKey,
  type StatusIn,
  statusIn,
  stepShown,
} from "./schemas.js";

const LAST = Number.MAX_SAFE_INTEGER;

export function orders(app: FastifyInstance, { ordering }: Container): void {
  app.post<{ Body: OrderIn; Headers: RepeatKey }>(
    "/orders",
    { schema: { body: orderIn, headers: repeatKey } },
    (request, reply) => {
      const { lines, note = "" } = request.body;
      const key = request.headers["idempotency-key"];
      const created = ordering.create(callerOf(request), { lines, note }, key);
      return reply.code(created.replayed ? 200 : 201).send(orderShown(created.order));
    },
  );

  app.get<{ Querystring: OrderQuery }>(
    "/orders",
    { schema: { querystring: orderQuery } },
    (request, reply) => {
      const { cursor, limit, status, customerId } = request.query;
      const page = ordering.list(callerOf(request), {
        before: cursor === undefined ? LAST : decodeCursor(cursor),
        limit: numberIn(limit, 20),
        status,
        customerId: customerId === undefined ? undefined : Number(customerId),
      });
      return reply.send(pageShown(page, orderShown));
    },
  );

  app.get<{ Params: ById }>("/orders/:id", { schema: { params: byId } }, (request, reply) =>
    reply.send(orderShown(ordering.get(callerOf(request), Number(request.params.id)))),
  );

  app.patch<{ Params: ById; Body: OrderPatch }>(
    "/orders/:id",
    { schema: { params: byId, body: orderPatch } },
    (request, reply) => {
      const id = Number(request.params.id);
      return reply.send(orderShown(ordering.annotate(callerOf(request), id, request.body.note)));
    },
  );

  app.post<{ Params: ById; Body: StatusIn }>(
    "/orders/:id/status",
    { schema: { params: byId, body: statusIn } },
    (request, reply) => {
      const id = Number(request.params.id);
      return reply.send(orderShown(ordering.move(callerOf(request), id, request.body.status)));
    },
  );

  app.get<{ Params: ById }>(
    "/orders/:id/history",
    { schema: { params: byId } },
    (request, reply) => {
      const steps = ordering.history(callerOf(request), Number(request.params.id));
      return reply.send(steps.map(stepShown));
    },
  );

  app.get<{ Querystring: PageQuery }>(
    "/events",
    { schema: { querystring: pageQuery } },
    (request, reply) => {
      const { cursor, limit } = request.query;
      const after = cursor === undefined ? 0 : decodeCursor(cursor);
      const page = ordering.events(callerOf(request), after, numberIn(limit, 20));
      return reply.send(pageShown(page, eventShown));
    },
  );
}
