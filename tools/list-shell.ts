import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";
import type { Plugin } from "vite";

export const SERVICE_WORKER = "sw.js";

/** Names that change with what is in the file. */
const HASHED = /^assets\/.+-[\w-]{8}\.\w+$/;
/** The app keeps those of the models that were loaded itself. */
const MODEL_FILE = /^models\/[^/]+\//;

/**
 * Vite plugin that tells the app's service worker which files the build has written, in place of its `SHELL`. A build
 * without a service worker is left as it is.
 */
export const listShell = (): Plugin => ({
  name: "list-shell",
  apply: "build",
  writeBundle({ dir }, bundle) {
    const worker = bundle[SERVICE_WORKER];
    if (worker === undefined) return;
    if (worker.type !== "chunk" || worker.imports.length + worker.exports.length > 0)
      this.error(`${SERVICE_WORKER}: wanted a script that browsers without modules in service workers can start`);
    const folder = dir!;
    const script = worker.code.replace(/\bSHELL\b/, () => JSON.stringify(shellOf(folder)));
    if (script === worker.code) this.error(`${SERVICE_WORKER}: wanted a mention of SHELL, found none`);
    writeFileSync(join(folder, SERVICE_WORKER), script);
  },
});

type ShellFile = { readonly url: string; readonly revision: string | null; readonly integrity: string };

/** Every file of a built app but the models and the service worker, as Workbox wants it. */
function shellOf(folder: string): ShellFile[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files
    .map(({ parentPath, name }) =>
      join(parentPath, name)
        .slice(folder.length + 1)
        .replaceAll(sep, "/"),
    )
    .filter((url) => url !== SERVICE_WORKER && !MODEL_FILE.test(url))
    .sort()
    .map((url) => {
      const hash = createHash("sha256")
        .update(readFileSync(join(folder, url)))
        .digest("base64");
      return { url, revision: HASHED.test(url) ? null : hash, integrity: `sha256-${hash}` };
    });
}
