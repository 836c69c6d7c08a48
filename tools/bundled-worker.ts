import type { InlineConfig, Plugin } from "vite";
import { repositoryRoot } from "./repository-root.ts";
import { slimTfjs } from "./slim-tfjs.ts";
import { thirdPartyNotices } from "./third-party-notices.ts";

/**
 * Vite configuration that turns `worker/main.ts` into one module without imports, `main.js` in `outDir`, with the
 * `.wasm` files beside it. Not Vite's library mode: that one would put the `.wasm` files inside as base64.
 */
export function bundledWorker(outDir: string): InlineConfig {
  const notices = thirdPartyNotices();
  return {
    plugins: [slimTfjs(), notices.collect, notices.emit, plainThreadStart],
    configFile: false,
    root: repositoryRoot,
    base: "./",
    publicDir: false,
    logLevel: "warn",
    worker: { format: "es", rolldownOptions: { output: { entryFileNames: "[name].js" } } }, // a thread, beside main.js
    build: {
      target: "es2022",
      outDir,
      emptyOutDir: false,
      assetsInlineLimit: 0,
      modulePreload: false,
      reportCompressedSize: false,
      chunkSizeWarningLimit: 1000, // kB before compression; the budget in check-size.ts is the one that counts
      rolldownOptions: {
        input: "worker/main.ts",
        output: {
          entryFileNames: "main.js",
          assetFileNames: "[name][extname]",
          codeSplitting: false,
          comments: { legal: false }, // THIRD_PARTY_LICENSES.txt carries them once
        },
      },
    },
  };
}

/** How Vite writes `new URL("./encoder-thread.ts", import.meta.url)` in a module of its own. */
const WRAPPED_URL =
  /new URL\((new URL\(([`"'])encoder-thread\.js\2, ?import\.meta\.url\))\.href, ?([`"'])\3 ?\+ ?import\.meta\.url\)/;

/**
 * Writes the start of a thread in the one form that bundlers know a worker by. As Vite leaves it, the bundler of whoever
 * uses the package takes the small file for a picture, and puts it into a data: URL, which many pages' policy refuses.
 */
const plainThreadStart: Plugin = {
  name: "plain-thread-start",
  generateBundle: {
    order: "post",
    handler(_, files) {
      const main = files["main.js"];
      if (main?.type !== "chunk") return;
      const plain = main.code.replace(WRAPPED_URL, "$1");
      if (plain === main.code) this.error("main.js: wanted the start of encoder-thread.js, found none");
      main.code = plain;
    },
  },
};
