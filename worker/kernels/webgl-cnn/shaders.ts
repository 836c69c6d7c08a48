import type { Tile } from "../webgl/matrices.ts";
import {
  activation,
  biasAt,
  dots,
  each,
  fourWeights,
  frame,
  linesOf,
  READS_WEIGHTS,
  withinFloat16,
} from "../webgl/shader-text.ts";

/**
 * A convolution of A by B, whose rows hold an output's inputs tap by tap and then its bias; + C where `added`, activated
 * where `bent`; `float16`: what is drawn to holds that. Of what is drawn and, with an A, of the map that is read: `pitch` and `size` are the rows of a matrix that
 * a row of the map and the whole map take, `tall` the tiles of an image. Above and below a map, its zeros are read.
 */
const convolutionShader = (tile: Tile, name: string, float16: boolean, sum: string): string => {
  const { rows } = linesOf(tile);
  const { lanes } = tile;
  const held = (value: string): string => (float16 ? withinFloat16(value) : value);
  return frame(
    tile,
    `uniform sampler2DArray A, C; uniform sampler2D B;
     uniform int depth, reach, stride, wide, pitch, size, tall, pitchA, sizeA, tallA, added, bent;
     vec2 place(int top, int q) {
       if (q < 0 || q >= sizeA) q = pitchA - 1;
       return vec2((float(top + q / ${lanes}) + 0.5) * grain(A).y, q % ${lanes});
     }
     ${activation(name)}`,
    `vec2 grainA = grain(A); ${READS_WEIGHTS}
     int image = at.y / tall, first = (at.y - image * tall) * ${lanes}, top = image * tallA;
     ${rows((row) => `vec4 c${row} = vec4(0);`)}
     float s = (float(at.x) + 0.5) * grainB.y, v = 0.0;
     ${sum}
     vec4 bias = ${biasAt("v * grainB.x", "s")};
     ${rows(
       (row) => `c${row} += bias;
       if (added == 1) c${row} += texelFetch(C, ivec3(at, ${row}), 0);
       if (bent == 1) c${row} = activate(c${row});
       o${row} = first + ${row} < size && (first + ${row}) % pitch < wide ? ${held(`c${row}`)} : vec4(0);`,
     )}`,
  );
};

/** 3×3 with a stride of 1: what stands beside each other is read once for all three taps of a row of the kernel. */
export const nearShader = (tile: Tile, name: string, float16: boolean): string => {
  const { rows } = linesOf(tile);
  return convolutionShader(
    tile,
    name,
    float16,
    `for (int y = -1; y < 2; y++) {
       ${each(tile.lanes + 2, (row) => `vec2 p${row} = place(top, first + y * pitch + ${row - 1});`)}
       for (int k = 0; k < depth; k++) {
         float w = (float(k) + 0.5) * grainA.x;
         ${each(tile.lanes + 2, (row) => `vec4 a${row} = texture(A, vec3(w, p${row}));`)}
         ${each(
           3,
           (x) => `{
           float u = (v + float(${4 * x} * depth)) * grainB.x;
           ${fourWeights("b", "u", "s")}
           ${rows((row) => `c${row} += ${dots(`a${row + x}`, "b")};`)}
         }`,
         )}
         v += 4.0;
       }
       v += float(8 * depth);
     }`,
  );
};

/** Any other: each tap by itself, from a map to one of other measures. */
export const farShader = (tile: Tile, name: string, float16: boolean): string => {
  const { rows } = linesOf(tile);
  return convolutionShader(
    tile,
    name,
    float16,
    `vec4 a;
     ${rows((row) => `int y${row} = (first + ${row}) / pitch, x${row} = first + ${row} - y${row} * pitch;`)}
     for (int t = 0; t < reach * reach; t++) {
       int tap = (t / reach - reach / 2) * pitchA + t % reach - reach / 2;
       ${rows((row) => `vec2 p${row} = place(top, (y${row} * pitchA + x${row}) * stride + tap);`)}
       for (int k = 0; k < depth; k++) {
         float w = (float(k) + 0.5) * grainA.x;
         float u = v * grainB.x;
         ${fourWeights("b", "u", "s")}
         ${rows((row) => `a = texture(A, vec3(w, p${row})); c${row} += ${dots("a", "b")};`)}
         v += 4.0;
       }
     }`,
  );
};
