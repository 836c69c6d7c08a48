import { readSafetensors, toFloat32 } from "../../worker/checkpoint/safetensors.ts";
import type { ModelFolder } from "../../worker/contract/model-folder.ts";

const IN_BROWSER = typeof document !== "undefined";

/** One file of test/golden, `null` where there is none; the same call in Node and in the browser's tests. */
export async function goldenFile(path: string): Promise<Uint8Array<ArrayBuffer> | null> {
  if (IN_BROWSER) {
    const response = await fetch(`/test/golden/${path}`);
    const isPage = response.headers.get("content-type")?.includes("text/html") ?? false; // Vite's answer for no file
    return response.ok && !isPage ? new Uint8Array(await response.arrayBuffer()) : null;
  }
  const { readFile } = await import("node:fs/promises");
  return readFile(new URL(`../golden/${path}`, import.meta.url)).catch(() => null);
}

export type GoldenTensor = { readonly shape: readonly number[]; readonly values: Float32Array };

/** The tensors of one golden safetensors file, as float32. */
export async function goldenTensors(path: string): Promise<Map<string, GoldenTensor>> {
  const bytes = await goldenFile(path);
  if (!bytes) throw new Error(`test/golden/${path} is missing`);
  const tensors = [...readSafetensors(bytes)];
  return new Map(tensors.map(([name, tensor]) => [name, { shape: tensor.shape, values: toFloat32(tensor) }]));
}

/** A golden folder as a model source; `files` puts other files in the place of its own. */
export const goldenFolder = (folder: string, files: Readonly<Record<string, string>> = {}): ModelFolder => ({
  name: folder,
  origin: `test/golden/${folder}`,
  read: (path) => goldenFile(files[path] ?? `${folder}/${path}`),
});

/** The largest difference between two arrays of the same length; NaN anywhere gives NaN. */
export function maxDifference(got: ArrayLike<number>, wanted: ArrayLike<number>): number {
  if (got.length !== wanted.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < got.length; i++) {
    const difference = Math.abs(got[i]! - wanted[i]!);
    if (!(difference <= largest)) largest = difference;
    if (Number.isNaN(largest)) return NaN;
  }
  return largest;
}
