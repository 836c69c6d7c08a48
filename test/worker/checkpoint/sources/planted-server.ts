import { createHash } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { withResolvers } from "../../../setup/with-resolvers.ts";

export type Handler = (request: IncomingMessage, response: ServerResponse, visit: number) => void;

export type Seen = { readonly method: string; readonly path: string; readonly headers: IncomingHttpHeaders };

export type PlantedServer = {
  readonly url: string; // with a trailing slash
  readonly seen: Seen[];
  on(path: string, handler: Handler): void;
  close(): Promise<void>;
};

/** A real server on 127.0.0.1 that answers 404 except where a behaviour is planted; closed when the test ends. */
export async function plantServer(): Promise<PlantedServer> {
  const handlers = new Map<string, Handler>();
  const visits = new Map<string, number>();
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    const visit = visits.get(path) ?? 0;
    visits.set(path, visit + 1);
    seen.push({ method: request.method ?? "", path, headers: request.headers });
    const handler = handlers.get(path);
    if (handler) handler(request, response, visit);
    else response.writeHead(404).end("not found");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(close);
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, seen, on: (path, handler) => handlers.set(path, handler), close };
}

/** A static file as a good server gives it: length, ETag, HEAD, and ranges under If-Range. */
export const serve =
  (bytes: Uint8Array, etag: string | null = `"v1"`, type = "application/octet-stream"): Handler =>
  (request, response) => {
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
    const condition = request.headers["if-range"];
    const start = range && (condition === undefined || condition === etag) ? Number(range[1]) : 0;
    const headers = {
      "content-type": type,
      "content-length": bytes.length - start,
      ...(etag === null ? {} : { etag }),
    };
    if (start > 0) {
      response.writeHead(206, { ...headers, "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` });
    } else {
      response.writeHead(200, headers);
    }
    response.end(request.method === "HEAD" ? undefined : bytes.subarray(start));
  };

/** Promises all of `bytes`, sends the first `sent`, and closes the connection. */
export const cutAfter =
  (sent: number, bytes: Uint8Array, etag: string | null = `"v1"`): Handler =>
  (_request, response) => {
    response.writeHead(200, { "content-length": bytes.length, ...(etag === null ? {} : { etag }) });
    response.write(bytes.subarray(0, sent), () => response.socket?.end());
  };

/** Promises all of `bytes`, sends the first `sent`, and says no more; `closed` settles when the client goes away. */
export function holdAfter(sent: number, bytes: Uint8Array, etag = `"v1"`): { handler: Handler; closed: Promise<void> } {
  const { promise: closed, resolve } = withResolvers();
  const handler: Handler = (_request, response) => {
    response.on("close", resolve);
    response.writeHead(200, { "content-length": bytes.length, etag });
    response.write(bytes.subarray(0, sent));
  };
  return { handler, closed };
}

/** The n-th visit gets the n-th handler, later ones the last. */
export const inTurn =
  (...handlers: [Handler, ...Handler[]]): Handler =>
  (request, response, visit) =>
    (handlers[Math.min(visit, handlers.length - 1)] ?? handlers[0])(request, response, visit);

export const status =
  (code: number, headers: Record<string, string> = {}, body = ""): Handler =>
  (_request, response) =>
    void response.writeHead(code, headers).end(body);

/** Bytes that repeat with no short period, so that a part joined in the wrong place shows. */
export const noise = (length: number, seed = 1): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0; // Numerical Recipes' generator
    bytes[i] = state >>> 24;
  }
  return bytes;
};

export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** The platform's `fetch`, with one address answered by another: the hub by a server of the test. */
export const redirecting =
  (from: string, to: string): typeof fetch =>
  (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    return fetch(url.startsWith(from) ? to + url.slice(from.length) : url, init);
  };
