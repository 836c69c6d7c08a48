import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What `npm start` starts, outside the tests. */
const startServer = () =>
  spawn(process.execPath, ["node_modules/vite/bin/vite.js", "--port", "0", "--host", "127.0.0.1"], {
    cwd: ROOT,
    env: { ...process.env, VITEST: "", NO_COLOR: "1" },
  });

const ADDRESS = /http:\/\/127\.0\.0\.1:\d+\//;

test("every response isolates the page, that of an unchanged file too: WebKit starts no worker from another", async () => {
  const server = startServer();
  try {
    let said = "";
    server.stdout.on("data", (text) => (said += String(text)));
    await expect.poll(() => said).toMatch(ADDRESS);
    const script = `${ADDRESS.exec(said)![0]}worker/contract/errors.ts`;
    const first = await fetch(script);
    const again = await fetch(script, { headers: { "If-None-Match": first.headers.get("etag")! } });
    expect([first.status, again.status]).toEqual([200, 304]);
    for (const { headers } of [first, again]) {
      expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
      expect(headers.get("cross-origin-embedder-policy")).toBe("require-corp");
    }
  } finally {
    server.kill();
    await once(server, "exit");
  }
});
