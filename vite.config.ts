import { fileURLToPath } from "node:url";
import preact from "@preact/preset-vite";
import { playwright } from "@vitest/browser-playwright";
import type { Connect, Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { browserFlags } from "./test/setup/browser-flags.ts";
import { compileKernels } from "./tools/compile-kernels.ts";
import { listShell, SERVICE_WORKER } from "./tools/list-shell.ts";
import { slimTfjs } from "./tools/slim-tfjs.ts";
import { thirdPartyNotices } from "./tools/third-party-notices.ts";

const notices = thirdPartyNotices();

await compileKernels(); // at once, unless somebody has changed them

const fromRoot = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Found by Vite's scanner only after the first page or test has loaded, which then reloads in mid-run. */
const bundledAhead = [
  "@preact/signals",
  "@tensorflow/tfjs-backend-cpu",
  "@tensorflow/tfjs-backend-wasm",
  "@tensorflow/tfjs-backend-webgl",
  "@tensorflow/tfjs-core",
  "comlink",
  "katex",
  "preact",
  "preact/hooks",
  "preact/jsx-dev-runtime",
  "preact/jsx-runtime",
  "valibot",
];

/**
 * With these headers a page has shared memory, and so threads for wasm. On every response: Vite's `server.headers` leaves
 * them out of "304 Not Modified", and WebKit then starts no worker. Tests serve pages of both kinds themselves.
 */
const isolate: Connect.NextHandleFunction = (_request, response, next) => {
  if (!process.env.VITEST) {
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
  }
  next();
};

const isolation: Plugin = {
  name: "isolation",
  configureServer: ({ middlewares }) => void middlewares.use(isolate),
  configurePreviewServer: ({ middlewares }) => void middlewares.use(isolate),
};

/** The page's scripts, and so the tests in a browser, are served from the repository root. */
export default defineConfig({
  plugins: [isolation, preact(), notices.collect, notices.emit, listShell()],
  base: "./", // the built site works in any folder of any host
  build: {
    outDir: "dist/app",
    target: "es2022",
    rolldownOptions: {
      input: { index: "index.html", lab: "lab.html", [SERVICE_WORKER]: "src/app/service-worker/main.ts" },
      // A service worker keeps its name, and has the folder it lies in.
      output: { entryFileNames: ({ name }) => (name === SERVICE_WORKER ? name : "assets/[name]-[hash].js") },
    },
  },
  worker: {
    format: "es",
    plugins: () => [slimTfjs(), notices.collect],
    // 300 KB of repeated licence headers: THIRD_PARTY_LICENSES.txt carries them once.
    rolldownOptions: { output: { comments: { legal: false } } },
  },
  optimizeDeps: { include: bundledAhead },
  test: {
    reporters: ["default", fromRoot("test/setup/tally-reporter.ts")],
    projects: [
      {
        test: {
          name: "unit",
          environment: "node",
          include: ["test/**/*.test.ts"],
          exclude: ["test/browser/**", "test/e2e/**"],
          testTimeout: 60_000, // a busy machine is no failure; some start the command in a process of its own
        },
      },
      {
        extends: true,
        test: {
          name: "browser",
          include: ["test/browser/**/*.browser.test.{ts,tsx}"],
          globalSetup: ["test/setup/require-browser.ts"],
          fileParallelism: false, // one software GPU for all
          testTimeout: 60_000,
          hookTimeout: 60_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            viewport: { width: 1024, height: 768 },
            instances: [{ browser: "chromium" }],
            provider: playwright({
              launchOptions: {
                args: browserFlags(),
                // Read when the browser starts; globalSetup has found one by then.
                get executablePath() {
                  return process.env.PATCHLIGHT_BROWSER;
                },
              },
            }),
          },
        },
      },
      {
        test: {
          name: "e2e",
          environment: "node",
          include: ["test/e2e/**/*.e2e.test.ts"],
          globalSetup: ["test/setup/require-browser.ts", "test/setup/serve-built-app.ts"],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 30_000 } },
        },
      },
    ],
  },
});
