import type { BrowserContext, Page } from "playwright";

/** A large model on a busy machine takes its time. */
const PATIENCE = 600_000; // milliseconds

/** One of the built pages, told to be patient; see serve-pages.ts for its address. */
export async function openPage(context: BrowserContext, url: string, name: string): Promise<Page> {
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  await page.goto(`${url}/page/${name}`);
  return page;
}
