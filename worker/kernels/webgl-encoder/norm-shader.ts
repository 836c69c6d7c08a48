import type { Tile } from "../webgl/matrices.ts";
import { frame, linesOf } from "../webgl/shader-text.ts";

/** Rows of A, whose mean is 0, divided by their deviation, scaled by the first row of B and shifted by its second. */
export const normShader = (tile: Tile): string => {
  const { halves, rows } = linesOf(tile);
  const layer = (half: number): number => tile.lanes * half;
  return frame(
    tile,
    "uniform sampler2DArray A, B; uniform int depth; uniform float width, epsilon;",
    `vec4 a;
     ${rows(
       (row) => `vec4 q${row} = vec4(0);
       for (int k = 0; k < depth; k++) {
         ${halves((half) => `a = texelFetch(A, ivec3(k, at.y, ${layer(half) + row}), 0); q${row} += a * a;`)}
       }
       float d${row} = inversesqrt(dot(q${row}, vec4(1)) / width + epsilon);
       ${halves(
         (half) => `o${layer(half) + row} = texelFetch(A, ivec3(at, ${layer(half) + row}), 0) * d${row}
           * texelFetch(B, ivec3(at.x, 0, ${layer(half)}), 0) + texelFetch(B, ivec3(at.x, 0, ${layer(half) + 1}), 0);`,
       )}`,
     )}`,
  );
};
