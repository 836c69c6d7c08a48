import type { LinearMemory } from "../wasm/linear-memory.ts";
import type { Rows } from "./multiply.ts";

/** Captions in the making: a row each of what goes on with a caption, and one of what every step makes anew. */
export class CaptionRows {
  photos: readonly number[]; // which one each row tells about
  length = 0; // words so far
  #room = 0; // rows
  #kept = 0;
  #spare = 0; // where rows go when they are reordered
  #passing = 0;

  /** One row for each photo; of what is kept all is 0. `bytes` of a row. */
  constructor(
    readonly memory: LinearMemory,
    readonly bytes: { readonly kept: number; readonly passing: number },
    photos: number,
  ) {
    this.photos = Array.from({ length: photos }, (_, photo) => photo);
    this.#takeRoom(photos);
  }

  get kept(): Rows {
    return { address: this.#kept, stride: this.bytes.kept };
  }

  get passing(): Rows {
    return { address: this.#passing, stride: this.bytes.passing };
  }

  /** Row i goes on from row `rows[i]`. */
  reorder(rows: readonly number[]): void {
    const before = this.#kept;
    if (rows.length > this.#room) this.#takeRoom(rows.length);
    else [this.#kept, this.#spare] = [this.#spare, before];
    const floats = this.memory.floats(0, this.memory.bytes / 4);
    const size = this.bytes.kept / 4;
    for (const [index, row] of rows.entries()) {
      const from = before / 4 + row * size;
      floats.copyWithin(this.#kept / 4 + index * size, from, from + size);
    }
    this.photos = rows.map((row) => this.photos[row]!);
  }

  #takeRoom(rows: number): void {
    this.#room = rows;
    this.#kept = takeZeros(this.memory, rows * this.bytes.kept);
    this.#spare = takeZeros(this.memory, rows * this.bytes.kept);
    this.#passing = takeZeros(this.memory, rows * this.bytes.passing);
  }
}

/** The places of photos, and a table of their addresses. */
type Places = Rows & { readonly table: number };

/** Room for so many places of `stride` bytes, all of them zeros. */
export function takePlaces(memory: LinearMemory, count: number, stride: number): Places {
  const address = takeZeros(memory, count * stride);
  const table = memory.take(count * 4);
  memory.integers(table, count).forEach((_, place, addresses) => (addresses[place] = address + place * stride));
  return { address, stride, table };
}

function takeZeros(memory: LinearMemory, bytes: number): number {
  const address = memory.take(bytes);
  memory.floats(address, bytes / 4).fill(0);
  return address;
}
