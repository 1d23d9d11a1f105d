/** Registration, login, and who is signed in. */

import type { FastifyInstance } from "fastify";
import type { Container } from "../container.js";
import { callerOf } from "./caller.js";
import { type Credentials, credentials, userShown } from "./schemas.js";

export function auth(app: FastifyInstance, { accounts, signer }: Container): void {
  app.post<{ Body: Credentials }>(
    "/auth/register",
    { schema: { body: credentials } },
    (request, reply) => {
      const user = accounts.register(request.body.email, request.body.password);
      return reply.code(201).send(userShown(user));
    },
  );

  app.post<{ Body: Credentials }>(
    "/auth/login",
    { schema: { body: credentials } },
    (request, reply) => {
      const accessToken = accounts.login(request.body.email, request.body.password);
      const expiresIn = signer.lifetimeSeconds;
      return reply.send({ accessToken, tokenType: "bearer", expiresIn });
    },
  );

  app.get("/auth/me", (request, reply) =>
    reply.send(userShown(accounts.profile(callerOf(request)))),
  );
}
