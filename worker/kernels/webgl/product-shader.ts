import type { Tile } from "./matrices.ts";
import {
  activation,
  biasAt,
  dots,
  fourRows,
  fourWeights,
  frame,
  linesOf,
  READS_WEIGHTS,
  withinFloat16,
} from "./shader-text.ts";

export type ProductKind = {
  /** Rows of A have mean 0: divide them by their deviation. */
  readonly norm?: boolean;
  readonly activation?: string;
  /** Add the matrix C, whose rows begin again where they end, times the uniform `residual`: a branch would cost more. */
  readonly add?: boolean;
  /** Q Kᵀ of every head and image, instead of A Bᵀ; no bias, and nothing to see behind the last token. */
  readonly scores?: boolean;
  /** What is drawn to holds float16. */
  readonly float16?: boolean;
};

/** How the rows of B are read that a fragment multiplies by: fours of them, one for each half of its tile. */
type Factor = {
  readonly uniforms: string;
  readonly begin: string; // declares `ua`, where the columns of A begin
  readonly at: (half: number) => string; // declares where its rows stand
  readonly step: string; // begins a tile of columns, `k`
  readonly read: (half: number, from: number) => string; // declares vec4 b<half>0 … b<half>3, of texel `from` of the tile
  readonly bias: (half: number) => string;
};

const weights = (tile: Tile): Factor => {
  const { span } = tile;
  const { halves } = linesOf(tile);
  return {
    uniforms: "uniform sampler2D B;",
    begin: `${READS_WEIGHTS} float ua = 0.0, end = float(${span} * depth) * grainB.x;`,
    at: (half) => `float s${half} = (float(${span / 4} * at.x + ${half}) + 0.5) * grainB.y;`,
    step: halves((from) => `float u${from} = ((k - 0.5) * ${span}.0 + ${4 * from}.0) * grainB.x;`),
    read: (half, from) => fourWeights(`b${half}`, `u${from}`, `s${half}`),
    bias: (half) => biasAt("end", `s${half}`),
  };
};

/** Of the same head and image as the queries A. */
const keys = ({ lanes, span }: Tile): Factor => ({
  uniforms: "uniform sampler2DArray B; uniform int groups, tall, keysAt, tokens;",
  begin: `vec2 grainB = grain(B);
    int head = at.x / groups, c = at.x - head * groups, top = at.y / tall * tall;
    float ua = float(head * depth), ub = float(keysAt + head * depth);`,
  at: (half) =>
    `vec2 s${half} = (seat(min(${span / 4} * c + ${half}, tall * ${lanes / 4} - 1)) + vec2(float(top) + 0.5, 0)) * vec2(grainB.y, 1);`,
  step: "float u = (ub + k) * grainB.x;",
  read: (half, from) => fourRows(`b${half}`, "u", `s${half}`, lanes * from),
  bias: (half) =>
    `mix(vec4(0), vec4(-1e30), greaterThanEqual(${span} * c + ${4 * half} + ivec4(0, 1, 2, 3), ivec4(tokens)))`,
});

/** A Bᵀ + bias, which stands in B behind its columns. `depth`: tiles across A that are multiplied. */
export const productShader = (tile: Tile, { norm, activation: name, add, scores, float16 }: ProductKind): string => {
  const { halves, rows, texels } = linesOf(tile);
  const { uniforms, begin, at, step, read, bias } = scores ? keys(tile) : weights(tile);
  return frame(
    tile,
    `uniform sampler2DArray A; uniform int depth; ${uniforms}
     ${add ? "uniform sampler2DArray C; uniform float residual;" : ""}
     ${norm ? "uniform float width, epsilon;" : ""}
     ${name ? activation(name) : ""}`,
    `vec2 grainA = grain(A); ${begin}
     float y = (float(at.y) + 0.5) * grainA.y;
     ${halves(at)}
     ${texels((half, row) => `vec4 c${half}${row} = vec4(0);`)}
     ${norm ? rows((row) => `float q${row} = 0.0;`) : ""}
     vec4 a;
     for (float k = 0.5; k < float(depth); k++) {
       float w = (ua + k) * grainA.x;
       ${step}
       ${halves(
         (from) => `{
         ${halves((half) => read(half, from))}
         ${rows(
           (row) => `a = texture(A, vec3(w, y, ${tile.lanes * from + row}));
           ${norm ? `q${row} += dot(a, a);` : ""}
           ${halves((half) => `c${half}${row} += ${dots("a", `b${half}`)};`)}`,
         )}
       }`,
       )}
     }
     ${norm ? rows((row) => `float d${row} = inversesqrt(q${row} / width + epsilon);`) : ""}
     ${add ? "ivec2 from = ivec2(at.x, at.y % textureSize(C, 0).y);" : ""}
     ${halves((half) => `vec4 bias${half} = ${bias(half)};`)}
     ${texels((half, row, layer) => {
       const sum = `c${half}${row}${norm ? ` * d${row}` : ""} + bias${half}`;
       const value = `${name ? `activate(${sum})` : sum}${add ? ` + residual * texelFetch(C, ivec3(from, ${layer}), 0)` : ""}`;
       return `o${layer} = ${float16 ? withinFloat16(value) : value};`;
     })}`,
  );
};
