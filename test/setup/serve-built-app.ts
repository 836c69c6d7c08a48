import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, preview, type InlineConfig } from "vite";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Of the built app, with a trailing slash: `inject("appUrl")`. */
    appUrl: string;
    /** Where the built app lies. */
    appFolder: string;
  }
}

/** Builds the app as `npm run build` does, but for what `otherwise` says. */
export async function buildApp(outDir: string, otherwise: InlineConfig = {}): Promise<void> {
  const { NODE_ENV } = process.env; // Vitest's is "test", and Vite would build for that
  process.env.NODE_ENV = "production";
  await build({ ...otherwise, logLevel: "warn", mode: "production", build: { outDir, emptyOutDir: true } });
  process.env.NODE_ENV = NODE_ENV;
}

/** Vitest global setup: builds the app into a folder of its own, and serves it. */
export default async function serveBuiltApp(project: TestProject): Promise<() => Promise<void>> {
  const outDir = await mkdtemp(join(tmpdir(), "patchlight-app-"));
  await buildApp(outDir);
  const server = await preview({
    logLevel: "warn",
    build: { outDir },
    preview: { host: "127.0.0.1", port: 0, open: false },
  });
  project.provide("appUrl", `${server.resolvedUrls?.local[0]}`);
  project.provide("appFolder", outDir);
  return async () => {
    await server.close();
    await rm(outDir, { recursive: true, force: true });
  };
}
