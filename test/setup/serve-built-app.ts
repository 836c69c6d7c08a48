import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, preview } from "vite";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Of the built app, with a trailing slash: `inject("appUrl")`. */
    appUrl: string;
  }
}

/** Vitest global setup: builds the app as `npm run build` does, into a folder of its own, and serves it. */
export default async function serveBuiltApp(project: TestProject): Promise<() => Promise<void>> {
  const outDir = await mkdtemp(join(tmpdir(), "patchlight-app-"));
  const shared = { logLevel: "warn", build: { outDir, emptyOutDir: true } } as const;
  await build({ ...shared, mode: "production" });
  const server = await preview({ ...shared, preview: { host: "127.0.0.1", port: 0, open: false } });
  project.provide("appUrl", `${server.resolvedUrls?.local[0]}`);
  return async () => {
    await server.close();
    await rm(outDir, { recursive: true, force: true });
  };
}
