/** `npm run build:kernels`: compiles the wasm kernels of encoders where they are stale. `npm ci` runs it too. */
import { compileKernels } from "./compile-kernels.ts";

console.log(`Kernels: ${await compileKernels()}.`);
