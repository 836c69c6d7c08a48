import { createReadStream, readFileSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { pipeline } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { repositoryRoot } from "../../tools/repository-root.ts";
import { MODEL_FOLDERS } from "../models/model-files.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
  ".json": "application/json",
  ".jpg": "image/jpeg",
};

/** A file that was asked for. */
type Served = { readonly path: string; readonly file: string };

export type PageServer = {
  readonly url: string;
  /** Files sent since the last call: of code, bytes as they are and compressed; of models, as they are. */
  readonly takeBytes: () => { readonly code: number; readonly compressed: number; readonly model: number };
  /** How quickly models are sent from now on, bytes a second; `null`: as quickly as this machine can. */
  readonly sendModelsAt: (pace: number | null) => void;
  readonly close: () => Promise<void>;
};

/**
 * Serves built pages, models and packages to this machine's browser, uncompressed, to be kept for an hour. `/page/NAME`
 * is an empty page with the script `NAME.js`; with `?isolated` it may use threads.
 */
export async function servePages(folder: string): Promise<PageServer> {
  let served: Served[] = [];
  let pace: number | null = null;
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, "http://localhost");
    if (pathname.startsWith("/page/")) return sendPage(response, pathname.slice(6), searchParams.has("isolated"));
    const file = findFile(pathname, folder);
    if (!file) return void response.writeHead(404).end();
    served.push({ path: pathname, file });
    sendFile(request, response, file, isModel(pathname) ? pace : null);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    takeBytes() {
      const taken = new Map(served.map(({ path, file }) => [path, file]));
      served = [];
      return weigh(taken);
    },
    sendModelsAt: (wanted) => void (pace = wanted),
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Where files lie whose address begins so; all others are the pages' own. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  models: MODEL_FOLDERS,
  examples: [join(repositoryRoot, "public/examples")],
  node_modules: [join(repositoryRoot, "node_modules")],
};

const isModel = (path: string): boolean => path.startsWith("/models/");

function findFile(path: string, pages: string): string | undefined {
  const [first = "", ...rest] = path.slice(1).split("/");
  const candidates = PLACES[first]?.map((folder) => join(folder, ...rest)) ?? [join(pages, path)];
  return candidates.find((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}

function sendPage(response: ServerResponse, name: string, isolated: boolean): void {
  const headers = { "content-type": "text/html; charset=utf-8", "cache-control": "no-cache" };
  const isolation = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };
  response.writeHead(200, { ...headers, ...(isolated && isolation) });
  response.end(
    `<!doctype html><title>${name}</title><link rel="icon" href="data:," /><script type="module" src="/${name}.js"></script>`,
  );
}

function sendFile({ method }: IncomingMessage, response: ServerResponse, file: string, pace: number | null): void {
  response.writeHead(200, {
    "content-type": TYPES[extname(file)] ?? "application/octet-stream",
    "content-length": statSync(file).size,
    "cache-control": "max-age=3600",
    "cross-origin-embedder-policy": "require-corp", // a worker of an isolated page says so itself
  });
  if (method === "HEAD") response.end();
  else if (pace === null) createReadStream(file).pipe(response);
  else pipeline(atPace(createReadStream(file), pace), response, () => undefined); // a visitor may leave before its end
}

/** Chunks as they come, but none before its time. */
async function* atPace(chunks: AsyncIterable<Buffer>, pace: number): AsyncGenerator<Buffer> {
  const begin = performance.now();
  let sent = 0; // bytes
  for await (const chunk of chunks) {
    sent += chunk.length;
    await setTimeout((sent / pace) * 1000 - (performance.now() - begin));
    yield chunk;
  }
}

const compressed = new Map<string, number>();

function weigh(taken: ReadonlyMap<string, string>) {
  const sizes = { code: 0, compressed: 0, model: 0 };
  for (const [path, file] of taken) {
    const size = statSync(file).size;
    if (isModel(path)) sizes.model += size;
    else if (!path.startsWith("/examples/")) {
      sizes.code += size;
      if (!compressed.has(file)) compressed.set(file, gzipSync(readFileSync(file), { level: 9 }).length);
      sizes.compressed += compressed.get(file)!;
    }
  }
  return sizes;
}
