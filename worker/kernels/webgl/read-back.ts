import { VisionError } from "../../contract/errors.ts";
import { turnOrRest } from "../../contract/turns.ts";
import { layersOf, TEXEL, type Matrix, type Tile } from "./matrices.ts";

/** Of every image, which takes `seats` rows: `count` rows from `first` on. */
export type Rows = { readonly images: number; readonly seats: number; readonly first: number; readonly count: number };

type Pull = {
  readonly buffer: WebGLBuffer;
  readonly count: number; // numbers
  readonly columns: number;
  /** What was read, in the order of the buffer: a row's texels of one half, whose place in the answer this is. */
  readonly pieces: readonly { readonly row: number; readonly half: number }[];
};

/** Reads rows of matrices into buffers of the GPU as they are drawn, and from there when the GPU has come so far. */
export class ReadBack {
  readonly #pulls: Pull[] = [];

  constructor(
    readonly gl: WebGL2RenderingContext,
    readonly tile: Tile,
  ) {}

  /** Asks for rows as they are now; the answer has this place in what `finish` gives, `[images · count, columns]`. */
  pull({ frame, across }: Matrix, { images, seats, first, count }: Rows): number {
    const { gl } = this;
    const { lanes, span } = this.tile;
    const buffer = gl.createBuffer();
    const pieces: { row: number; half: number }[] = [];
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, frame);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
    gl.bufferData(gl.PIXEL_PACK_BUFFER, images * count * across * span * 4, gl.STREAM_READ);
    for (let layer = 0; layer < layersOf(this.tile); layer++) {
      const lane = layer % lanes;
      const begin = first + ((lane - (first % lanes) + lanes) % lanes);
      const down = Math.ceil((first + count - begin) / lanes);
      if (down <= 0) continue;
      gl.readBuffer(gl.COLOR_ATTACHMENT0 + layer);
      for (let image = 0; image < images; image++) {
        const top = (image * seats + begin - lane) / lanes;
        gl.readPixels(0, top, across, down, gl.RGBA, gl.FLOAT, pieces.length * across * TEXEL * 4);
        for (let line = 0; line < down; line++)
          pieces.push({ row: image * count + begin + line * lanes - first, half: Math.floor(layer / lanes) });
      }
    }
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    return this.#pulls.push({ buffer, count: images * count * across * span, columns: across * span, pieces }) - 1;
  }

  /** Waits for the GPU without blocking. Throws `context-lost`. */
  async finish(): Promise<Float32Array[]> {
    const { gl } = this;
    const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    const begin = performance.now();
    while (fence && !gl.isContextLost() && gl.getSyncParameter(fence, gl.SYNC_STATUS) !== gl.SIGNALED) {
      await turnOrRest(begin);
    }
    gl.deleteSync(fence);
    if (gl.isContextLost()) throw new VisionError("context-lost", "The GPU went away during a forward pass.");
    return this.#pulls.map((pull) => this.#take(pull));
  }

  release(): void {
    for (const { buffer } of this.#pulls) this.gl.deleteBuffer(buffer);
    this.#pulls.length = 0;
  }

  #take({ buffer, count, columns, pieces }: Pull): Float32Array {
    const { gl } = this;
    const read = new Float32Array(count);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
    gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, read);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    const rows = new Float32Array(count);
    let from = 0;
    for (const { row, half } of pieces) {
      for (let to = row * columns + half * TEXEL; to < (row + 1) * columns; to += this.tile.span)
        for (let at = 0; at < TEXEL; at++) rows[to + at] = read[from++]!;
    }
    return rows;
  }
}
