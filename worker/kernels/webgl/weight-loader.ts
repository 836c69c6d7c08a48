import { TEXEL, type HostMatrix, type Matrices, type Matrix } from "./matrices.ts";

/**
 * Uploads what products multiply by, one matrix after another by way of the same memory: a system takes longer to give
 * fresh memory than it takes to fill it.
 */
export class WeightLoader {
  #rows = new Float32Array(0);
  #woven = new Float32Array(0);

  constructor(readonly matrices: Matrices) {}

  /** Zeros to fill in and upload; they stand where those before them stood. */
  host(rows: number, columns: number): HostMatrix {
    this.#rows = roomFor(rows * columns, this.#rows);
    return { values: this.#rows.subarray(0, rows * columns).fill(0), columns };
  }

  /**
   * One layer, whose line i holds rows 4 i … + 3, and of every four columns the texels of the four rows side by side. A
   * fragment reads them in this order, and a cache has them together.
   */
  upload({ values, columns }: HostMatrix): Matrix {
    const rows = values.length / columns;
    const down = Math.ceil(rows / TEXEL);
    const size = down * columns * TEXEL;
    this.#woven = roomFor(size, this.#woven);
    const woven = this.#woven.subarray(0, size).fill(0);
    for (let row = 0, from = 0; row < rows; row++) {
      const lane = row % TEXEL;
      const end = from + columns;
      for (let to = (row - lane) * columns + lane * TEXEL; from < end; to += TEXEL * TEXEL)
        for (let at = 0; at < TEXEL; at++) woven[to + at] = values[from++]!;
    }
    return this.matrices.uploadTexels(columns, down, woven);
  }
}

const roomFor = (size: number, room: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> =>
  room.length < size ? new Float32Array(size) : room;
