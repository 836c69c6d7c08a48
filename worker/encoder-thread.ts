/** A thread of the wasm kernels in a browser: a worker of the worker. */
import { serveSteps, type ThreadWork } from "./kernels/wasm/serve-steps.ts";

const serve = ({ data }: MessageEvent<ThreadWork>): void => void serveSteps(data);

self.addEventListener("message", serve, { once: true });
