/** The command line: `node dist/main.js` answers requests until it is told to stop. */

import { pathToFileURL } from "node:url";
import type { FastifyInstance } from "fastify";
import { createApp } from "./app.js";
import { type Environment, readSettings } from "./settings.js";

/** Start the service that the environment describes. */
export async function serve(env: Environment, isLogged = true): Promise<FastifyInstance> {
  const settings = readSettings(env);
  const app = createApp(settings, { isLogged });
  await app.listen({ host: settings.host, port: settings.port });
  return app;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const app = await serve(process.env);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void app.close());
  }
}
