import { VisionError } from "../../contract/errors.ts";
import type { Precision } from "../../contract/precision.ts";

export const TEXEL = 4; // numbers

const BYTES = { float32: 4, float16: 2 } as const satisfies Record<Precision, number>;

/** What one fragment writes: as many texels as there are render targets, 4 or 8. */
export type Tile = {
  readonly lanes: number; // rows, 4 or 8
  readonly span: number; // columns, 4 or 8
};

export const layersOf = ({ lanes, span }: Tile): number => (lanes * span) / TEXEL;

export const padTo = (size: number, step: number): number => Math.ceil(size / step) * step;

/**
 * `[rows, columns]` in a texture array, cut into tiles: layer lanes · h + r, texel (c, i) holds columns
 * span · c + 4 h … + 3 of row lanes · i + r. A fragment at (c, i) writes one texel of every layer.
 */
export type Matrix = {
  readonly texture: WebGLTexture;
  readonly kind: GLenum; // TEXTURE_2D_ARRAY, or of weights TEXTURE_2D
  readonly frame: WebGLFramebuffer | null; // of those that are drawn to
  readonly across: number; // tiles, or of weights texels
  readonly down: number; // tiles, or of weights fours of rows
};

/** The same on the host, row by row; the columns make whole texels. */
export type HostMatrix = { readonly values: Float32Array; readonly columns: number };

export const hostMatrix = (rows: number, columns: number): HostMatrix => ({
  values: new Float32Array(rows * columns),
  columns,
});

/** Makes matrices, by default of one precision, counts their bytes and frees them. The driver rounds what is uploaded. */
export class Matrices {
  #bytes = 0;
  readonly #all = new Map<Matrix, number>();

  constructor(
    readonly gl: WebGL2RenderingContext,
    readonly tile: Tile,
    readonly precision: Precision,
  ) {}

  get bytes(): number {
    return this.#bytes;
  }

  upload(host: HostMatrix, precision = this.precision): Matrix {
    const matrix = this.#tiled(host.values.length / host.columns, host.columns, precision, false);
    this.refill(matrix, host);
    return matrix;
  }

  /** A matrix whose texels are given line by line, without layers: software takes a tenth longer to read from those. */
  uploadTexels(across: number, down: number, values: Float32Array): Matrix {
    const { gl, precision } = this;
    const texture = this.#texture(gl.TEXTURE_2D);
    gl.texStorage2D(gl.TEXTURE_2D, 1, this.#format(precision), across, down);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, across, down, gl.RGBA, gl.FLOAT, values);
    return this.#counted({ texture, kind: gl.TEXTURE_2D, frame: null, across, down }, 1, precision);
  }

  /** Puts other values in a matrix. */
  refill({ texture, across, down }: Matrix, { values, columns }: HostMatrix): void {
    const { gl } = this;
    const { lanes, span } = this.tile;
    const layers = layersOf(this.tile);
    const tiled = new Float32Array(across * down * layers * TEXEL);
    for (let from = 0, row = 0; from < values.length; row++) {
      const lane = row % lanes;
      const line = (row - lane) / lanes;
      for (let tile = 0; tile * span < columns; tile++) {
        for (let layer = lane; layer < layers; layer += lanes, from += TEXEL) {
          const to = ((layer * down + line) * across + tile) * TEXEL;
          for (let at = 0; at < TEXEL; at++) tiled[to + at] = values[from + at]!;
        }
      }
    }
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, texture);
    gl.texSubImage3D(gl.TEXTURE_2D_ARRAY, 0, 0, 0, 0, across, down, layers, gl.RGBA, gl.FLOAT, tiled);
  }

  /** A matrix to draw to; where it is not drawn, it holds zeros. */
  target(rows: number, columns: number, precision = this.precision): Matrix {
    return this.#tiled(rows, columns, precision, true);
  }

  free(...matrices: readonly Matrix[]): void {
    for (const matrix of matrices) {
      this.#bytes -= this.#all.get(matrix)!;
      this.#all.delete(matrix);
      this.gl.deleteFramebuffer(matrix.frame);
      this.gl.deleteTexture(matrix.texture);
    }
  }

  /** Matrices of layers that are made together. Throws `out-of-memory` where the GPU has no room, and leaves none then. */
  together<T>(make: () => T): T {
    const before = new Set(this.#all.keys());
    const added = (): Matrix[] => [...this.#all.keys()].filter((matrix) => !before.has(matrix));
    try {
      const made = make();
      if (!added().every((matrix) => this.#isThere(matrix))) throw noRoom();
      return made;
    } catch (error) {
      this.free(...added());
      throw error;
    }
  }

  /** A driver refuses a texture by one error or another, or by none: what tells is that nothing can be drawn to it. */
  #isThere({ texture, frame }: Matrix): boolean {
    const { gl } = this;
    const own = frame ?? this.#frame(texture);
    gl.bindFramebuffer(gl.FRAMEBUFFER, own);
    const complete = gl.checkFramebufferStatus(gl.FRAMEBUFFER) === gl.FRAMEBUFFER_COMPLETE;
    if (!frame) gl.deleteFramebuffer(own);
    return complete || gl.isContextLost();
  }

  freeAll(): void {
    this.free(...this.#all.keys());
  }

  #tiled(rows: number, columns: number, precision: Precision, drawn: boolean): Matrix {
    const { gl, tile } = this;
    const [across, down] = [Math.ceil(columns / tile.span), Math.ceil(rows / tile.lanes)];
    const layers = layersOf(tile);
    const kind = gl.TEXTURE_2D_ARRAY;
    const texture = this.#texture(kind);
    gl.texStorage3D(kind, 1, this.#format(precision), across, down, layers);
    return this.#counted(
      { texture, kind, frame: drawn ? this.#frame(texture) : null, across, down },
      layers,
      precision,
    );
  }

  #format(precision: Precision): GLenum {
    return precision === "float16" ? this.gl.RGBA16F : this.gl.RGBA32F;
  }

  /** A texture that is bound, and read without interpolation. */
  #texture(kind: GLenum): WebGLTexture {
    const { gl } = this;
    const texture = gl.createTexture();
    gl.bindTexture(kind, texture);
    for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(kind, filter, gl.NEAREST);
    for (const wrap of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(kind, wrap, gl.CLAMP_TO_EDGE);
    return texture;
  }

  #counted(matrix: Matrix, layers: number, precision: Precision): Matrix {
    const bytes = matrix.across * matrix.down * layers * TEXEL * BYTES[precision];
    this.#all.set(matrix, bytes);
    this.#bytes += bytes;
    return matrix;
  }

  #frame(texture: WebGLTexture): WebGLFramebuffer {
    const { gl } = this;
    const frame = gl.createFramebuffer();
    const layers = Array.from({ length: layersOf(this.tile) }, (_, layer) => gl.COLOR_ATTACHMENT0 + layer);
    gl.bindFramebuffer(gl.FRAMEBUFFER, frame);
    layers.forEach((attachment, layer) => gl.framebufferTextureLayer(gl.FRAMEBUFFER, attachment, texture, 0, layer));
    gl.drawBuffers(layers);
    return frame;
  }
}

const noRoom = (): VisionError =>
  new VisionError("out-of-memory", "The GPU has no room for that; try a smaller model or fewer pictures at a time.");

/** Render targets of a draw: 8 where the GPU has so many for floats, else 4. Some limit the bytes of all together. */
export function mostTargets(gl: WebGL2RenderingContext): number {
  if (gl.getParameter(gl.MAX_DRAW_BUFFERS) < 8 || gl.getParameter(gl.MAX_COLOR_ATTACHMENTS) < 8) return 4;
  const trial = new Matrices(gl, { lanes: 4, span: 8 }, "float32");
  trial.target(1, 1); // its frame stays bound
  const complete = gl.checkFramebufferStatus(gl.FRAMEBUFFER) === gl.FRAMEBUFFER_COMPLETE;
  trial.freeAll();
  return complete ? 8 : 4;
}
