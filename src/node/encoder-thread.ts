import { Worker } from "node:worker_threads";
import type { StartThread } from "../../worker/kernels/wasm/kernel-threads.ts";

/** Compiled by `npm run build:kernels`; the path holds in the repository and in the package. */
export const KERNELS = new URL("../../dist/kernels/", import.meta.url);

/** The first words of a thread. */
const BEGIN = `
const { workerData } = require("node:worker_threads");
import(workerData.module).then(({ serveSteps }) => serveSteps(workerData.work));
`;

/** A thread of the kernels in Node, which ends with the process. */
export const startThread: StartThread = (work) => {
  const module = new URL("serve-steps.mjs", KERNELS).href;
  const worker = new Worker(BEGIN, { eval: true, workerData: { module, work }, execArgv: [] });
  worker.unref();
  worker.on("error", () => undefined); // the work is done without it
  return { end: () => void worker.terminate() };
};
