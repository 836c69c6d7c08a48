/**
 * The app's service worker: from the second visit on its pages open without a network, and are cross-origin isolated
 * where the host sends no headers. Models are none of its business: the app itself keeps those it has loaded.
 *
 * What is kept is one build, every file checked by its hash, and the build before until its last page is closed. What
 * comes over the network is never mixed into it.
 */
import type { WorkboxPlugin } from "workbox-core/types.js";
import { addPlugins, addRoute, getCacheKeyForURL, matchPrecache, precache } from "workbox-precaching";
import type { PrecacheEntry } from "workbox-precaching/_types.js";
import { registerRoute } from "workbox-routing";
import { NetworkOnly } from "workbox-strategies";
import { isolated, isolating } from "./isolated.ts";

declare const self: ServiceWorkerGlobalScope;
/** The files of this build: `tools/list-shell.ts` puts them here. */
declare const SHELL: PrecacheEntry[];

const PATIENCE = 5; // seconds; what is kept is better than a longer wait
const ASSETS = new URL("assets/", self.location.href).href;

/** Kept with the headers, a file need not be copied whenever it is asked for. */
const keepIsolated: WorkboxPlugin = {
  cacheWillUpdate: async ({ response }) => {
    if (!response.ok) return null;
    const headers = isolating(response.headers);
    headers.delete("Vary"); // pages and scripts are asked for with other headers than here
    return new Response(response.body, { headers });
  },
};

const sendIsolated: WorkboxPlugin = { handlerWillRespond: async ({ response }) => isolated(response) };

/** Asks anew for a page: one that the browser has kept may want scripts that are on no server any more. */
const askAnew: WorkboxPlugin = {
  requestWillFetch: async ({ request }) => {
    const { mode, url, headers } = request;
    return mode === "navigate" ? new Request(url, { headers, cache: "no-cache", redirect: "manual" }) : request;
  },
};

const keptInstead: WorkboxPlugin = {
  fetchDidSucceed: async ({ response }) => {
    if (response.status < 500) return response;
    throw new Error(`${response.url}: got HTTP ${response.status}`);
  },
  handlerDidError: ({ request: { url } }) => matchPrecache(pageAt(url) ?? url),
};

/** The page at an address, where it is one of this app's: hosts leave out `index.html`, and some `.html`. */
const pageAt = (address: string): string | undefined => {
  const { origin, pathname } = new URL(address);
  const paths = pathname.endsWith("/") ? [`${pathname}index.html`] : [pathname, `${pathname}.html`];
  return paths.map((path) => origin + path).find((page) => page.endsWith(".html") && getCacheKeyForURL(page));
};

/** Whether it goes by a name that another build may give to other content. */
const mayChange = (address: string): boolean => {
  const key = getCacheKeyForURL(address);
  return key !== undefined && key !== address;
};

const fresh = new NetworkOnly({ networkTimeoutSeconds: PATIENCE, plugins: [askAnew, keptInstead, sendIsolated] });

addPlugins([keepIsolated]);
precache(SHELL);

// Another app may live in a folder of this one's: its pages are left alone.
registerRoute(({ request, url }) => request.mode === "navigate" && pageAt(url.href) !== undefined, fresh);
registerRoute(({ url }) => mayChange(url.href), fresh);
addRoute({ directoryIndex: "", cleanURLs: false }); // the others never change
// Of a newer build, whose page came over the network: an isolated page starts no worker that lacks the headers.
registerRoute(
  ({ request, url }) => request.destination === "worker" && url.href.startsWith(ASSETS),
  new NetworkOnly({ plugins: [sendIsolated] }),
);
