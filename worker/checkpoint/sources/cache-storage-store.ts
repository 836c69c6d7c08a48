import type { StoredModel } from "../../contract/api.ts";
import { noStore, type ModelStore, type StoredFile } from "./model-store.ts";

const MODEL_CACHE = "patchlight-models-v1";

const STATE = "x-patchlight-state";
const FOLDER = "x-patchlight-folder";
const LENGTH = "x-patchlight-length"; // bytes kept
const TOTAL = "x-patchlight-total"; // bytes of the whole file
const VALIDATOR = "x-patchlight-validator";
const STORED = "x-patchlight-stored"; // ISO date

/**
 * Model files in the browser's Cache Storage, one entry a URL; `noStore` where the browser has none (pages not served
 * over https). An entry whose length is not the one written down is removed and counts as missing.
 */
export function cacheStorageStore(name: string = MODEL_CACHE): ModelStore {
  if (typeof caches === "undefined") return noStore;
  const open = (): Promise<Cache> => caches.open(name);
  return {
    get: async (url) => readEntry(await open(), url),
    put: async (url, file) => (await open()).put(url, toResponse(file)),
    list: async () => listModels(await open()),
    forget: async (origin) => forgetModel(await open(), origin),
  };
}

// Header values are Latin-1, so what may hold other letters is written percent-encoded.
const toResponse = (file: StoredFile): Response =>
  new Response(file.bytes, {
    headers: {
      "content-type": "application/octet-stream",
      [STATE]: file.state,
      [FOLDER]: encodeURIComponent(file.folder),
      [LENGTH]: String(file.bytes.length),
      [TOTAL]: String(file.total),
      [STORED]: new Date().toISOString(),
      ...(file.validator === null ? {} : { [VALIDATOR]: encodeURIComponent(file.validator) }),
    },
  });

async function readEntry(cache: Cache, url: string): Promise<StoredFile | null> {
  const entry = await cache.match(url);
  if (entry === undefined) return null;
  const bytes = new Uint8Array(await entry.arrayBuffer().catch(() => new ArrayBuffer(0)));
  const state = entry.headers.get(STATE);
  const known = state === "whole" || state === "part" || state === "absent";
  if (!known || entry.headers.get(LENGTH) !== String(bytes.length)) {
    await cache.delete(url);
    return null;
  }
  const validator = entry.headers.get(VALIDATOR);
  return {
    state,
    bytes,
    total: Number(entry.headers.get(TOTAL)),
    folder: folderOf(entry),
    validator: validator === null ? null : decodeURIComponent(validator),
  };
}

const folderOf = (entry: Response): string => decodeURIComponent(entry.headers.get(FOLDER) ?? "");

async function listModels(cache: Cache): Promise<StoredModel[]> {
  const models = new Map<string, { bytes: number; files: number }>();
  for (const request of await cache.keys()) {
    const entry = await cache.match(request);
    if (entry === undefined || entry.headers.get(STATE) === "absent") continue;
    const origin = folderOf(entry);
    const { bytes, files } = models.get(origin) ?? { bytes: 0, files: 0 };
    models.set(origin, { bytes: bytes + Number(entry.headers.get(LENGTH)), files: files + 1 });
  }
  return [...models].map(([origin, sizes]) => ({ origin, ...sizes }));
}

async function forgetModel(cache: Cache, origin: string): Promise<void> {
  for (const request of await cache.keys()) {
    const entry = await cache.match(request);
    if (entry !== undefined && folderOf(entry) === origin) await cache.delete(request);
  }
}
