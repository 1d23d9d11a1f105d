import { defineConfig, globalIgnores } from "eslint/config";
import security from "eslint-plugin-security";
import tseslint from "typescript-eslint";

const found = Object.keys(security.rules).map((rule) => [`security/${rule}`, "error"]);

// Insecure code alone, with every rule of the plugin; what the lint gate asks is not asked again.
export default defineConfig(
  globalIgnores(["dist/", "coverage/"]),
  { linterOptions: { reportUnusedDisableDirectives: "off" } },
  {
    files: ["src/**/*.ts"],
    languageOptions: { parser: tseslint.parser },
    plugins: { security },
    rules: {
      ...Object.fromEntries(found),
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
    },
  },
);
