import reactHooks from "eslint-plugin-react-hooks";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

const realms = ["worker", "src", "src/node", "src/app/service-worker", "test"].map(
  (realm) => `./${realm}/tsconfig.json`,
);

export default defineConfig(
  globalIgnores(["dist/", "worker/kernels/wasm/assembly/", "coverage/", ".cache/", "public/", "**/*.{js,cjs,mjs}"]),
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["**/*.{ts,tsx}"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: realms, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-definitions": "off", // tf.tidy takes a `type`, a service is an `interface`
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-import-type-side-effects": "error",
      "@typescript-eslint/no-unnecessary-condition": "error",
      "@typescript-eslint/prefer-readonly": "error",
      "@typescript-eslint/require-await": "off", // async also turns a throw into a rejection
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      complexity: ["error", 12],
      eqeqeq: ["error", "always", { null: "ignore" }],
      "max-depth": ["error", 4],
      "max-lines": ["error", { max: 250, skipBlankLines: true }], // here one asks what second idea moved in
      "no-param-reassign": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
    },
  },
  {
    // Vitest types its asymmetric matchers (`expect.any`, `expect.stringMatching`) as any; a suite lists its cases.
    files: ["test/**"],
    rules: {
      "@typescript-eslint/no-unsafe-assignment": "off",
      "max-lines": ["error", { max: 400, skipBlankLines: true }],
    },
  },
  {
    // What computes takes its surroundings as arguments, so that it runs in a page's worker and in Node alike.
    files: ["worker/**"],
    ignores: ["worker/main.ts", "worker/lab-main.ts", "worker/encoder-thread.ts"],
    rules: { "no-restricted-globals": ["error", "self", "postMessage", "onmessage", "importScripts", "close"] },
  },
  {
    files: ["worker/**", "src/**"],
    ignores: ["src/{cli,node}/**"],
    rules: { "no-console": "error" },
  },
  {
    files: ["src/app/**/*.tsx", "src/app/**/use-*.ts"],
    plugins: { "react-hooks": reactHooks },
    rules: { "react-hooks/rules-of-hooks": "error", "react-hooks/exhaustive-deps": "error" },
  },
);
