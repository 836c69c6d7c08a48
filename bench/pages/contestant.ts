/** The page around a contestant's worker. */
import { wrap } from "comlink";
import type { ContestantApi } from "./contestant-worker.ts";

const worker = new Worker(new URL("./contestant-worker.ts", import.meta.url), { type: "module" });

/** A worker that does not start would be waited for for ever. */
const failed = new Promise<never>((_, reject) => {
  worker.onerror = (event) => reject(new Error(`the contestant's worker: ${event.message}`));
});
failed.catch(() => undefined);

const api = wrap<ContestantApi>(worker);

const page: ContestantApi = {
  start: (...call) => Promise.race([api.start(...call), failed]),
  run: (...call) => Promise.race([api.run(...call), failed]),
};

Object.assign(globalThis, { contestant: page });
