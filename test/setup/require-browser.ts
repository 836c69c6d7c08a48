import { findBrowser } from "./find-browser.ts";

/** Vitest global setup: names the browser once, for the projects and worker processes that start one. */
export default async function requireBrowser(): Promise<void> {
  process.env.PATCHLIGHT_BROWSER = await findBrowser();
}
