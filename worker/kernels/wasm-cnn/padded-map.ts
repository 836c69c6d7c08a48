import type { HostArray } from "../../contract/forward.ts";
import type { LinearMemory } from "../wasm/linear-memory.ts";
import { strideOf } from "../wasm/rows.ts";

type Shape = { readonly batch: number; readonly width: number; readonly height: number };

/** A batch of maps, each position a row of channels; all but its shape in bytes. */
export type Places = Shape & {
  readonly first: number; // address
  readonly stride: number; // from position to position
  readonly line: number; // from line to line
  readonly image: number; // from image to image
};

/**
 * A batch of maps with zeros around each: a line above and one below, one position before every line, which is also the
 * one behind the line before, and one at the end. Channels behind the last are zeros too.
 */
export type PaddedMap = Places & { readonly padded: true };

/** Room for maps, all of it zeros, and for what a tile reads behind the last. `stride`: bytes of a position. */
export function takeMap(memory: LinearMemory, { batch, width, height }: Shape, stride: number): PaddedMap {
  const line = (width + 1) * stride;
  const image = (height + 2) * line + stride;
  const bytes = batch * image + line + stride;
  const address = memory.take(bytes);
  memory.floats(address, bytes / 4).fill(0);
  return { first: address + line + stride, stride, line, image, batch, width, height, padded: true };
}

/** Calls `visit` with the address of every line, and how many came before it. */
function walkLines({ first, line, image, batch, height }: PaddedMap, visit: (address: number, index: number) => void) {
  for (let index = 0; index < batch * height; index++) {
    visit(first + Math.floor(index / height) * image + (index % height) * line, index);
  }
}

/** values `[B, H, W, C]` → maps whose positions stand as close as the values. */
export function writeMap(memory: LinearMemory, map: PaddedMap, values: Float32Array): void {
  const length = (map.width * map.stride) / 4;
  walkLines(map, (address, index) => {
    memory.floats(address, length).set(values.subarray(index * length, (index + 1) * length));
  });
}

/** Maps → `[B, H, W, channels]`, a copy. */
export function readMap(memory: LinearMemory, map: PaddedMap, channels: number): HostArray {
  const { batch, height, width, stride } = map;
  const values = new Float32Array(batch * height * width * channels);
  let at = 0;
  walkLines(map, (address) => {
    for (let x = 0; x < width; x++, at += channels) values.set(memory.floats(address + x * stride, channels), at);
  });
  return { shape: [batch, height, width, channels], values };
}

/** Room for maps without zeros around: one row of `columns` floats behind the other. */
export function takeRows(memory: LinearMemory, { batch, width, height }: Shape, columns: number): Places & Shape {
  const stride = strideOf(columns);
  const line = width * stride;
  const image = height * line;
  return { first: memory.take(batch * image), stride, line, image, batch, width, height };
}
