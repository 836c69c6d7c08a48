import { LANES, padTo } from "./dimensions.ts";

const TEXEL = 4; // numbers

/**
 * `[rows, columns]` in a texture of `span` layers, cut into tiles of 4 rows × `span` columns, 4 or 8: layer 4 h + r, texel
 * (c, i) holds columns span · c + 4 h … + 3 of row 4 i + r. A fragment at (c, i) writes one texel of every layer, so a tile.
 */
export type Matrix = {
  readonly texture: WebGLTexture;
  readonly frame: WebGLFramebuffer | null; // of those that are drawn to
  readonly across: number; // tiles
  readonly down: number; // tiles
};

/** The same on the host, row by row. */
export type HostMatrix = { readonly values: Float32Array; readonly columns: number };

export const hostMatrix = (rows: number, columns: number): HostMatrix => ({
  values: new Float32Array(rows * columns),
  columns,
});

/** Makes matrices, counts their bytes and frees them. */
export class Matrices {
  #bytes = 0;
  readonly #all = new Set<Matrix>();

  constructor(
    readonly gl: WebGL2RenderingContext,
    readonly span: number,
  ) {}

  get bytes(): number {
    return this.#bytes;
  }

  upload(host: HostMatrix): Matrix {
    const matrix = this.#create(host.values.length / host.columns, host.columns, false);
    this.refill(matrix, host);
    return matrix;
  }

  /** Puts other values in a matrix. */
  refill({ texture, across, down }: Matrix, { values, columns }: HostMatrix): void {
    const { gl, span } = this;
    const tiled = new Float32Array(across * down * span * TEXEL);
    const halves = span / TEXEL;
    for (let from = 0, row = 0; from < values.length; row++) {
      const lane = row % LANES;
      const line = (row - lane) / LANES;
      for (let tile = 0; tile * span < columns; tile++) {
        for (let half = 0; half < halves; half++, from += TEXEL) {
          const to = (((half * LANES + lane) * down + line) * across + tile) * TEXEL;
          for (let at = 0; at < TEXEL; at++) tiled[to + at] = values[from + at]!;
        }
      }
    }
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, texture);
    gl.texSubImage3D(gl.TEXTURE_2D_ARRAY, 0, 0, 0, 0, across, down, span, gl.RGBA, gl.FLOAT, tiled);
  }

  /** A matrix to draw to; where it is not drawn, it holds zeros. */
  target(rows: number, columns: number): Matrix {
    return this.#create(rows, columns, true);
  }

  free(...matrices: readonly Matrix[]): void {
    for (const matrix of matrices) {
      if (!this.#all.delete(matrix)) continue;
      this.gl.deleteFramebuffer(matrix.frame);
      this.gl.deleteTexture(matrix.texture);
      this.#bytes -= this.#size(matrix);
    }
  }

  freeAll(): void {
    this.free(...this.#all);
  }

  #size({ across, down }: Matrix): number {
    return across * down * this.span * TEXEL * Float32Array.BYTES_PER_ELEMENT;
  }

  #create(rows: number, columns: number, drawn: boolean): Matrix {
    const { gl, span } = this;
    const [across, down] = [padTo(columns, span) / span, padTo(rows, LANES) / LANES];
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, texture);
    gl.texStorage3D(gl.TEXTURE_2D_ARRAY, 1, gl.RGBA32F, across, down, span);
    for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER])
      gl.texParameteri(gl.TEXTURE_2D_ARRAY, filter, gl.NEAREST);
    for (const wrap of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T])
      gl.texParameteri(gl.TEXTURE_2D_ARRAY, wrap, gl.CLAMP_TO_EDGE);
    const matrix = { texture, frame: drawn ? this.#frame(texture) : null, across, down };
    this.#all.add(matrix);
    this.#bytes += this.#size(matrix);
    return matrix;
  }

  #frame(texture: WebGLTexture): WebGLFramebuffer {
    const { gl } = this;
    const frame = gl.createFramebuffer();
    const layers = Array.from({ length: this.span }, (_, layer) => gl.COLOR_ATTACHMENT0 + layer);
    gl.bindFramebuffer(gl.FRAMEBUFFER, frame);
    layers.forEach((attachment, layer) => gl.framebufferTextureLayer(gl.FRAMEBUFFER, attachment, texture, 0, layer));
    gl.drawBuffers(layers);
    return frame;
  }
}

/** Columns of a tile: 8 where the GPU draws to eight float targets at once, else 4. Some limit the bytes of all together. */
export function widestSpan(gl: WebGL2RenderingContext): number {
  if (gl.getParameter(gl.MAX_DRAW_BUFFERS) < 8 || gl.getParameter(gl.MAX_COLOR_ATTACHMENTS) < 8) return 4;
  const trial = new Matrices(gl, 8);
  trial.target(1, 1); // its frame stays bound
  const complete = gl.checkFramebufferStatus(gl.FRAMEBUFFER) === gl.FRAMEBUFFER_COMPLETE;
  trial.freeAll();
  return complete ? 8 : 4;
}
