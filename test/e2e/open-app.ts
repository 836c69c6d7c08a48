import type { Browser, BrowserContextOptions, Page } from "playwright";
import { inject } from "vitest";

/** The built app in a page of its own, and every problem its console has told so far. */
export type OpenApp = { readonly page: Page; readonly problems: string[]; readonly close: () => Promise<void> };

/** Opens the app and waits until the embedded model is ready. The caller closes it. */
export async function openApp(browser: Browser, options: BrowserContextOptions = {}, query = ""): Promise<OpenApp> {
  // A test that answers requests itself does not see those of a service worker.
  const context = await browser.newContext({ serviceWorkers: "block", ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" && !isMissingFile(message.text())) problems.push(message.text());
  });
  await page.addInitScript(() =>
    document.addEventListener("securitypolicyviolation", (event) =>
      console.error(`blocked by the page's policy: ${event.effectiveDirective} ${event.blockedURI}`),
    ),
  );
  await page.goto(`${inject("appUrl")}${query}`);
  await page.locator(".model-facts").waitFor();
  return { page, problems, close: () => context.close() };
}

/** Model folders need not have every file that is asked for. */
const isMissingFile = (text: string): boolean => text.includes("status of 404");
