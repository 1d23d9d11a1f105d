/** From the top: a layer may import those below it, never one above. */
const LAYERS = ["main", "app", "routes", "container", "services", "store", "models"];

const upwards = LAYERS.slice(1).map((layer, at) => ({
  name: `${layer}-knows-nothing-above`,
  comment: `Nothing above ${layer} may be imported there`,
  severity: "error",
  from: { path: `^src/${layer}(/|\\.ts$)` },
  to: { path: `^src/(${LAYERS.slice(0, at + 1).join("|")})(/|\\.ts$)` },
}));

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...upwards,
    {
      name: "no-route-asks-the-store",
      severity: "error",
      from: { path: "^src/routes/" },
      to: { path: "^src/store/" },
    },
    {
      name: "services-know-nothing-of-http",
      severity: "error",
      from: { path: "^src/(services|store)/" },
      to: { path: "node_modules/@?fastify" },
    },
    {
      name: "no-circles",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "nothing-unresolved",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "no-tools-in-the-service",
      severity: "error",
      from: { path: "^src/" },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg"], dependencyTypesNot: ["type-only"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node"] },
  },
};
