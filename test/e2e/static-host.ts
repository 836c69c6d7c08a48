import { readFile } from "node:fs/promises";
import { createServer, type OutgoingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";

/** What is sent compressed; of the rest, browsers find the type. */
const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".md": "text/plain",
  ".safetensors": "application/octet-stream",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

export type StaticHost = {
  readonly url: string; // of the app, which lies in a folder
  folder: string; // what is served
  mood: "well" | "failing" | "silent";
  readonly asked: string[]; // paths within it, in order
  readonly stop: () => Promise<void>;
};

/** As GitHub Pages does: everything is kept for a while, and may be read by other origins. */
const HEADERS = { "Access-Control-Allow-Origin": "*", "Cache-Control": "max-age=600", Vary: "Accept, Origin" };

/** A host of files, by default one that sends no headers of our choosing. */
export async function startStaticHost(folder: string, headers: OutgoingHttpHeaders = {}): Promise<StaticHost> {
  const server = createServer((request, response) => {
    if (host.mood === "silent") return;
    if (host.mood === "failing") return response.writeHead(503).end("Later.");
    const path = decodeURIComponent(new URL(request.url!, "http://localhost").pathname).replace(/^\/sub\//, "");
    host.asked.push(path);
    const file = path === "" || path.endsWith("/") ? `${path}index.html` : path;
    readFile(join(host.folder, file)).then(
      (content) => {
        const type = TYPES[extname(file)];
        const body = type ? gzipSync(content, { level: 1 }) : content;
        const sent = type ? { "Content-Type": type, "Content-Encoding": "gzip" } : {};
        response.writeHead(200, { ...HEADERS, ...headers, ...sent, "Content-Length": body.length }).end(body);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host: StaticHost = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sub/`,
    folder,
    mood: "well",
    asked: [],
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return host;
}
