/** What the fragment programs are written with. All read and write the layout of `Matrix`; a fragment computes one tile. */
import { layersOf, TEXEL, type Tile } from "./matrices.ts";

/** Any number from x: what stands behind a product. erf is the rational function of Eigen, good to float32. */
const ACTIVATIONS: Readonly<Record<string, string>> = {
  gelu: `
    vec4 z = clamp(x * ${Math.SQRT1_2}, -3.832506856900711, 3.832506856900711), s = z * z;
    vec4 p = s * (s * (s * (s * (s * (s * -2.72614225801306e-10 + 2.77068142495902e-08) - 2.10102402082508e-06)
      - 5.69250639462346e-05) - 7.34990630326855e-04) - 2.95459980854025e-03) - 1.60960333262415e-02;
    vec4 q = s * (s * (s * (s * -1.45660718464996e-05 - 2.13374055278905e-04) - 1.68282697438203e-03)
      - 7.37332916720468e-03) - 1.42647390514189e-02;
    return 0.5 * x * (1.0 + z * p / q);`,
  "gelu-tanh": `
    vec4 u = ${Math.sqrt(8 / Math.PI)} * x * (1.0 + 0.044715 * x * x);
    return x / (1.0 + exp(-u));`, // (1 + tanh u/2) / 2
  relu: "return max(x, 0.0);",
  silu: "return x / (1.0 + exp(-x));",
  tanh: "vec4 e = exp(-2.0 * abs(x)); return sign(x) * (1.0 - e) / (1.0 + e);",
};

export const knowsActivation = (name: string): boolean => name in ACTIVATIONS;

/** `vec4 activate(vec4 x)` */
export const activation = (name: string): string => `vec4 activate(vec4 x) { ${ACTIVATIONS[name]} }`;

export const four = (line: (at: number) => string): string => [0, 1, 2, 3].map(line).join(", ");

export const each = (count: number, line: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => line(at)).join("\n");

/** Lines of a program for the parts of a tile: its halves, which are texels wide, its rows, and each of its texels. */
export const linesOf = ({ lanes, span }: Tile) => {
  const halves = (line: (half: number) => string): string => each(span / TEXEL, line);
  const rows = (line: (row: number) => string): string => each(lanes, line);
  return {
    halves,
    rows,
    texels: (line: (half: number, row: number, layer: number) => string): string =>
      halves((half) => rows((row) => line(half, row, lanes * half + row))),
  };
};

/**
 * `texture` is quicker than `texelFetch` where the GPU is software, and not slower elsewhere; nothing is interpolated.
 * `seat`: where a matrix has its rows 4 · block … + 3: the line of its texels and the first of their layers.
 */
export const frame = (tile: Tile, declared: string, body: string): string => `#version 300 es
  precision highp float; precision highp int; precision highp sampler2D; precision highp sampler2DArray;
  ${each(layersOf(tile), (layer) => `layout(location = ${layer}) out vec4 o${layer};`)}
  vec2 grain(sampler2D s) { return 1.0 / vec2(textureSize(s, 0)); }
  vec2 grain(sampler2DArray s) { return 1.0 / vec2(textureSize(s, 0).xy); }
  vec2 seat(int block) { return vec2(block / ${tile.lanes / 4}, block % ${tile.lanes / 4} * 4); }
  ${declared}
  void main() { ivec2 at = ivec2(gl_FragCoord.xy); ${body} }`;

/** A number as float16 can hold it: its next after 65504 is infinity, and of that comes NaN. */
export const withinFloat16 = (x: string): string => `clamp(${x}, -65504.0, 65504.0)`;

/** Declares four rows of B, vec4 name0 … name3, at `u` across; `seated`: their line in texture coordinates, and layer. */
export const fourRows = (name: string, u: string, seated: string, layer: number): string =>
  `vec4 ${four((row) => `${name}${row} = texture(B, vec3(${u}, ${seated} + vec2(0, ${layer + row})))`)};`;

/** Declares what weights B are read with, once: their grain, and from where four texels begin to the centre of each. */
export const READS_WEIGHTS = `vec2 grainB = grain(B); float ${four((row) => `inside${row} = ${row}.5 * grainB.x`)};`;

/** Declares four rows of weights B, vec4 name0 … name3, whose texels begin at `u` on the line `v`. */
export const fourWeights = (name: string, u: string, v: string): string =>
  `vec4 ${four((row) => `${name}${row} = ${weight(u, v, row)}`)};`;

const weight = (u: string, v: string, row: number): string => `texture(B, vec2(${u} + inside${row}, ${v}))`;

/** What stands in B behind its columns, for four outputs. */
export const biasAt = (u: string, v: string): string => `vec4(${four((row) => `${weight(u, v, row)}.x`)})`;

/** The dot products of `from` with the four rows of a name, as one vec4. */
export const dots = (from: string, name: string): string => `vec4(${four((row) => `dot(${from}, ${name}${row})`)})`;
