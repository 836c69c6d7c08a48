import { getKernel, registerKernel, unregisterKernel, type KernelConfig, type KernelFunc } from "@tensorflow/tfjs-core";

const BACKEND = "wasm";

const ours = new WeakSet<KernelFunc>();

/**
 * Puts a kernel of our own in the place of the wasm backend's, once; `make` is given the one that was there. Nothing
 * happens where the backend is not loaded: it registers its kernels when its module is.
 */
export function replaceKernel(kernelName: string, make: (original: KernelFunc | undefined) => KernelFunc): void {
  if (lookUp("Identity") === undefined) return;
  const before = lookUp(kernelName);
  if (before && ours.has(before.kernelFunc)) return;
  const kernelFunc = make(before?.kernelFunc);
  ours.add(kernelFunc);
  if (before) unregisterKernel(kernelName, BACKEND);
  registerKernel({ ...before, kernelName, backendName: BACKEND, kernelFunc });
}

/** tfjs's types say that there is every kernel. */
const lookUp = (kernelName: string): KernelConfig | undefined => getKernel(kernelName, BACKEND);
