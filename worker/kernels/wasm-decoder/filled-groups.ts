import { filled } from "../wasm/rows.ts";

/**
 * Values that lie in groups, each filled up to whole panels with zeros: so every kernel works on whole vectors, whatever
 * the sizes of a model. Weights that meet what fills up are zeros, and so is what comes of it.
 */
export type Groups = {
  readonly at: Int32Array; // where each value lies
  readonly size: number; // with what fills them up
};

/** Groups of these sizes, one behind the other. */
export function groupsOf(...sizes: readonly number[]): Groups {
  const at: number[] = [];
  let first = 0;
  for (const size of sizes) {
    for (let index = 0; index < size; index++) at.push(first + index);
    first += filled(size);
  }
  return { at: Int32Array.from(at), size: first };
}

/** Parts of a row behind each other: where each begins and the whole row's length, in bytes. */
export function layOutRow<Part extends string>(floats: Readonly<Record<Part, number>>) {
  const at = {} as Record<Part, number>;
  let bytes = 0;
  for (const part in floats) {
    at[part] = bytes;
    bytes += filled(floats[part]) * 4;
  }
  return { at: at as Readonly<Record<Part, number>>, bytes };
}
