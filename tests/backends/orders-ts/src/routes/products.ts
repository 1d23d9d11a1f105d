/** The catalogue. */

import type { FastifyInstance } from "fastify";
import type { Container } from "../container.js";
import { decodeCursor } from "../services/paging.js";
import { callerOf } from "./caller.js";
import {
  type ById,
  byId,
  numberIn,
  pageShown,
  type ProductIn,
  productIn,
  type ProductPatch,
  productPatch,
  type ProductQuery,
  productQuery,
  productShown,
} from "./schemas.js";

export function products(app: FastifyInstance, { catalogue }: Container): void {
  app.get<{ Querystring: ProductQuery }>(
    "/products",
    { schema: { querystring: productQuery } },
    (request, reply) => {
      const { cursor, limit, search, available } = request.query;
      const page = catalogue.list({
        after: cursor === undefined ? 0 : decodeCursor(cursor),
        limit: numberIn(limit, 20),
        search,
        available: available === "true",
      });
      return reply.send(pageShown(page, productShown));
    },
  );

  app.get<{ Params: ById }>("/products/:id", { schema: { params: byId } }, (request, reply) =>
    reply.send(productShown(catalogue.get(Number(request.params.id)))),
  );

  app.post<{ Body: ProductIn }>("/products", { schema: { body: productIn } }, (request, reply) => {
    const { stock = 0, ...rest } = request.body;
    const product = catalogue.create(callerOf(request), { ...rest, stock });
    return reply.code(201).send(productShown(product));
  });

  app.patch<{ Params: ById; Body: ProductPatch }>(
    "/products/:id",
    { schema: { params: byId, body: productPatch } },
    (request, reply) => {
      const id = Number(request.params.id);
      return reply.send(productShown(catalogue.change(callerOf(request), id, request.body)));
    },
  );
}
