import { layersOf, type Tile } from "./matrices.ts";
import { each, fourRows, frame, linesOf } from "./shader-text.ts";

/** Scores A → of every row and head its greatest, and 1 / Σ 2^(score − greatest). A tile is a head. */
export const statisticsShader = (tile: Tile): string => {
  const { rows, texels } = linesOf(tile);
  const scan = (line: (row: number, read: string) => string): string => `
    for (int g = 0; g < groups; g++) {
      float w = (first + float(g)) * grainA.x;
      ${texels((_, row, layer) => line(row, `texture(A, vec3(w, y, ${layer}))`))}
    }`;
  return frame(
    tile,
    "uniform sampler2DArray A; uniform int groups;",
    `vec2 grainA = grain(A);
     float y = (float(at.y) + 0.5) * grainA.y, first = float(at.x * groups) + 0.5;
     ${rows((row) => `vec4 m${row} = vec4(-1e30), s${row} = vec4(0);`)}
     ${scan((row, read) => `m${row} = max(m${row}, ${read});`)}
     ${rows((row) => `float t${row} = max(max(m${row}.x, m${row}.y), max(m${row}.z, m${row}.w));`)}
     ${scan((row, read) => `s${row} += exp2(${read} - t${row});`)}
     ${rows((row) => `o${row} = vec4(t${row}, 1.0 / dot(s${row}, vec4(1)), 0, 0);`)}
     ${each(layersOf(tile) - tile.lanes, (layer) => `o${layer + tile.lanes} = vec4(0);`)}`,
  );
};

/** softmax(A) V with C the statistics of A's rows; V stands in B from tile `valuesAt`. `depth`: tiles of a head. */
export const mixShader = (tile: Tile): string => {
  const { halves, rows, texels } = linesOf(tile);
  const { lanes, span } = tile;
  return frame(
    tile,
    "uniform sampler2DArray A, B, C; uniform int depth, groups, tall, valuesAt;",
    `vec2 grainA = grain(A), grainB = grain(B);
     int head = at.x / depth;
     float y = (float(at.y) + 0.5) * grainA.y, first = float(head * groups) + 0.5;
     float u = (float(valuesAt + at.x) + 0.5) * grainB.x, top = float(at.y / tall * tall) + 0.5;
     ${rows((row) => `vec2 s${row} = texelFetch(C, ivec3(head, at.y, ${row}), 0).xy;`)}
     ${texels((half, row) => `vec4 c${half}${row} = vec4(0);`)}
     vec4 a;
     for (int g = 0; g < groups; g++) {
       float w = (first + float(g)) * grainA.x;
       ${halves(
         (from) => `{
         vec2 v = (seat(min(${span / 4} * g + ${from}, tall * ${lanes / 4} - 1)) + vec2(top, 0)) * vec2(grainB.y, 1);
         ${halves((half) => fourRows(`b${half}`, "u", "v", lanes * half))}
         ${rows(
           (row) => `a = exp2(texture(A, vec3(w, y, ${lanes * from + row})) - s${row}.x);
           ${halves((half) => `c${half}${row} += a.x * b${half}0 + a.y * b${half}1 + a.z * b${half}2 + a.w * b${half}3;`)}`,
         )}
       }`,
       )}
     }
     ${texels((half, row, layer) => `o${layer} = c${half}${row} * s${row}.y;`)}`,
  );
};
