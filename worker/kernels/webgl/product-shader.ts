import type { Tile } from "./matrices.ts";
import { activation, biasAt, dots, fourRows, fourWeights, frame, linesOf, withinFloat16 } from "./shader-text.ts";

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

/** A Bᵀ + bias, which stands in B behind its columns. `depth`: tiles across A that are multiplied. */
export const productShader = (tile: Tile, { norm, activation: name, add, scores, float16 }: ProductKind): string => {
  const { lanes, span } = tile;
  const { halves, rows, texels } = linesOf(tile);
  const blocks = span / 4;
  const bias = (half: number): string =>
    scores
      ? `mix(vec4(0), vec4(-1e30), greaterThanEqual(${span} * c + ${4 * half} + ivec4(0, 1, 2, 3), ivec4(tokens)))`
      : biasAt("end", `s${half}`);
  const read = (half: number, from: number): string =>
    scores
      ? fourRows(`b${half}`, "u", `s${half}`, lanes * from)
      : fourWeights(`b${half}`, `u + ${4 * from}.0`, `s${half}`);
  return frame(
    tile,
    `uniform sampler2DArray A, B${add ? ", C" : ""}; uniform int depth; ${add ? "uniform float residual;" : ""}
     ${scores ? "uniform int groups, tall, keysAt, tokens;" : ""}
     ${norm ? "uniform float width, epsilon;" : ""}
     ${name ? activation(name) : ""}`,
    `vec2 grainA = grain(A), grainB = grain(B);
     ${
       scores
         ? `int head = at.x / groups, c = at.x - head * groups, top = at.y / tall * tall;
            float ua = float(head * depth), ub = float(keysAt + head * depth);`
         : "int c = at.x; float ua = 0.0;"
     }
     float y = (float(at.y) + 0.5) * grainA.y;
     ${halves((half) =>
       scores
         ? `vec2 s${half} = (seat(${blocks} * c + ${half}) + vec2(float(top) + 0.5, 0)) * vec2(grainB.y, 1);`
         : `float s${half} = (float(${blocks} * c + ${half}) + 0.5) * grainB.y;`,
     )}
     ${texels((half, row) => `vec4 c${half}${row} = vec4(0);`)}
     ${norm ? rows((row) => `vec4 q${row} = vec4(0);`) : ""}
     vec4 a;
     for (float k = 0.5; k < float(depth); k++) {
       float u = ${scores ? "(ub + k) * grainB.x" : `(k - 0.5) * ${span}.0`}, w = (ua + k) * grainA.x;
       ${halves(
         (from) => `{
         ${halves((half) => read(half, from))}
         ${rows(
           (row) => `a = texture(A, vec3(w, y, ${lanes * from + row}));
           ${norm ? `q${row} += a * a;` : ""}
           ${halves((half) => `c${half}${row} += ${dots("a", `b${half}`)};`)}`,
         )}
       }`,
       )}
     }
     float end = float(${span} * depth);
     ${norm ? rows((row) => `float d${row} = inversesqrt(dot(q${row}, vec4(1)) / width + epsilon);`) : ""}
     ${add ? "ivec2 from = ivec2(at.x, at.y % textureSize(C, 0).y);" : ""}
     ${halves((half) => `vec4 bias${half} = ${bias(half)};`)}
     ${texels((half, row, layer) => {
       const sum = `c${half}${row}${norm ? ` * d${row}` : ""} + bias${half}`;
       const value = `${name ? `activate(${sum})` : sum}${add ? ` + residual * texelFetch(C, ivec3(from, ${layer}), 0)` : ""}`;
       return `o${layer} = ${float16 ? withinFloat16(value) : value};`;
     })}`,
  );
};
