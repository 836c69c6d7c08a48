import type { InlineConfig } from "vite";
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
    plugins: [slimTfjs(), notices.collect, notices.emit],
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
