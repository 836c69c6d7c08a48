/** The fragment programs. All read and write the layout of `Matrix`; each fragment computes one tile. */

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

/** Lines of a program, one for each of the rows of a tile, or for each of its halves. */
const each = (count: number, line: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => line(at)).join("\n");

const ROWS = [0, 1, 2, 3] as const;
const rows = (line: (row: number) => string): string => ROWS.map(line).join("\n");

/** `texture` is quicker than `texelFetch` where the GPU is software, and not slower elsewhere; nothing is interpolated. */
const frame = (span: number, declared: string, body: string): string => `#version 300 es
  precision highp float; precision highp int; precision highp sampler2DArray;
  ${each(span, (layer) => `layout(location = ${layer}) out vec4 o${layer};`)}
  vec2 grain(sampler2DArray s) { return 1.0 / vec2(textureSize(s, 0).xy); }
  ${declared}
  void main() { ivec2 at = ivec2(gl_FragCoord.xy); ${body} }`;

/** Declares four rows of B at (u, v) of one half: vec4 name0 … name3. */
const fourRows = (name: string, u: string, v: string, half: number): string =>
  `vec4 ${ROWS.map((row) => `${name}${row} = texture(B, vec3(${u}, ${v}, ${4 * half + row}))`).join(", ")};`;

export type ProductKind = {
  /** Rows of A have mean 0: divide them by their deviation. */
  readonly norm?: boolean;
  readonly activation?: string;
  /** Add the matrix C, whose rows begin again where they end. */
  readonly add?: boolean;
  /** Q Kᵀ of every head and image, instead of A Bᵀ; no bias, and nothing to see behind the last token. */
  readonly scores?: boolean;
};

/** A Bᵀ + bias, which stands in B behind its columns. `depth`: tiles across A that are multiplied. */
export const productShader = (span: number, { norm, activation, add, scores }: ProductKind): string => {
  const halves = span / 4;
  const tile = (line: (half: number, row: number) => string): string =>
    each(halves, (half) => rows((row) => line(half, row)));
  const bias = (half: number): string =>
    scores
      ? `mix(vec4(0), vec4(-1e30), greaterThanEqual(${span} * c + ${4 * half} + ivec4(0, 1, 2, 3), ivec4(tokens)))`
      : `vec4(${ROWS.map((row) => `texture(B, vec3(end, v${half}, ${row})).x`).join(", ")})`;
  return frame(
    span,
    `uniform sampler2DArray A, B${add ? ", C" : ""}; uniform int depth;
     ${scores ? "uniform int groups, tall, keysAt, tokens;" : ""}
     ${norm ? "uniform float width, epsilon;" : ""}
     ${activation ? `vec4 activate(vec4 x) { ${ACTIVATIONS[activation]} }` : ""}`,
    `vec2 grainA = grain(A), grainB = grain(B);
     ${
       scores
         ? `int head = at.x / groups, c = at.x - head * groups, top = at.y / tall * tall;
            float ua = float(head * depth), ub = float(keysAt + head * depth);`
         : "int c = at.x, top = 0; float ua = 0.0, ub = 0.0;"
     }
     float y = (float(at.y) + 0.5) * grainA.y;
     ${each(halves, (half) => `float v${half} = (float(top + ${halves} * c + ${half}) + 0.5) * grainB.y;`)}
     ${tile((half, row) => `vec4 c${half}${row} = vec4(0);`)}
     ${norm ? rows((row) => `vec4 q${row} = vec4(0);`) : ""}
     vec4 a;
     for (float k = 0.5; k < float(depth); k++) {
       float u = (ub + k) * grainB.x, w = (ua + k) * grainA.x;
       ${each(
         halves,
         (from) => `{
         ${each(halves, (half) => fourRows(`b${half}`, "u", `v${half}`, from))}
         ${rows(
           (row) => `a = texture(A, vec3(w, y, ${4 * from + row}));
           ${norm ? `q${row} += a * a;` : ""}
           ${each(
             halves,
             (half) => `c${half}${row} += vec4(${ROWS.map((other) => `dot(a, b${half}${other})`).join(", ")});`,
           )}`,
         )}
       }`,
       )}
     }
     float end = (float(depth) + 0.5) * grainB.x;
     ${norm ? rows((row) => `float d${row} = inversesqrt(dot(q${row}, vec4(1)) / width + epsilon);`) : ""}
     ${add ? "ivec2 from = ivec2(at.x, at.y % textureSize(C, 0).y);" : ""}
     ${each(halves, (half) => `vec4 bias${half} = ${bias(half)};`)}
     ${tile((half, row) => {
       const sum = `c${half}${row}${norm ? ` * d${row}` : ""} + bias${half}`;
       const layer = 4 * half + row;
       return `o${layer} = ${activation ? `activate(${sum})` : sum}${add ? ` + texelFetch(C, ivec3(from, ${layer}), 0)` : ""};`;
     })}`,
  );
};

/** Scores A → of every row and head its greatest, and 1 / Σ 2^(score − greatest). A tile is a head. */
export const statisticsShader = (span: number): string => {
  const halves = span / 4;
  const scan = (line: (row: number, read: string) => string): string => `
    for (int g = 0; g < groups; g++) {
      float w = (first + float(g)) * grainA.x;
      ${each(halves, (half) => rows((row) => line(row, `texture(A, vec3(w, y, ${4 * half + row}))`)))}
    }`;
  return frame(
    span,
    "uniform sampler2DArray A; uniform int groups;",
    `vec2 grainA = grain(A);
     float y = (float(at.y) + 0.5) * grainA.y, first = float(at.x * groups) + 0.5;
     ${rows((row) => `vec4 m${row} = vec4(-1e30), s${row} = vec4(0);`)}
     ${scan((row, read) => `m${row} = max(m${row}, ${read});`)}
     ${rows((row) => `float t${row} = max(max(m${row}.x, m${row}.y), max(m${row}.z, m${row}.w));`)}
     ${scan((row, read) => `s${row} += exp2(${read} - t${row});`)}
     ${rows((row) => `o${row} = vec4(t${row}, 1.0 / dot(s${row}, vec4(1)), 0, 0);`)}
     ${each(span - 4, (layer) => `o${layer + 4} = vec4(0);`)}`,
  );
};

/** softmax(A) V with C the statistics of A's rows; V stands in B from tile `valuesAt`. `depth`: tiles of a head. */
export const mixShader = (span: number): string => {
  const halves = span / 4;
  const tile = (line: (half: number, row: number) => string): string =>
    each(halves, (half) => rows((row) => line(half, row)));
  return frame(
    span,
    "uniform sampler2DArray A, B, C; uniform int depth, groups, tall, valuesAt;",
    `vec2 grainA = grain(A), grainB = grain(B);
     int head = at.x / depth;
     float y = (float(at.y) + 0.5) * grainA.y, first = float(head * groups) + 0.5;
     float u = (float(valuesAt + at.x) + 0.5) * grainB.x, top = float(at.y / tall * tall) + 0.5;
     ${rows((row) => `vec2 s${row} = texelFetch(C, ivec3(head, at.y, ${row}), 0).xy;`)}
     ${tile((half, row) => `vec4 c${half}${row} = vec4(0);`)}
     vec4 a;
     for (int g = 0; g < groups; g++) {
       float w = (first + float(g)) * grainA.x;
       ${each(
         halves,
         (from) => `{
         float v = (top + float(${halves} * g + ${from})) * grainB.y;
         ${each(halves, (half) => fourRows(`b${half}`, "u", "v", half))}
         ${rows(
           (row) => `a = exp2(texture(A, vec3(w, y, ${4 * from + row})) - s${row}.x);
           ${each(
             halves,
             (half) => `c${half}${row} += a.x * b${half}0 + a.y * b${half}1 + a.z * b${half}2 + a.w * b${half}3;`,
           )}`,
         )}
       }`,
       )}
     }
     ${tile((half, row) => `o${4 * half + row} = c${half}${row} * s${row}.y;`)}`,
  );
};

/** Rows of A, whose mean is 0, divided by their deviation, scaled by the first row of B and shifted by its second. */
export const normShader = (span: number): string =>
  frame(
    span,
    "uniform sampler2DArray A, B; uniform int depth; uniform float width, epsilon;",
    `vec4 a;
     ${rows(
       (row) => `vec4 q${row} = vec4(0);
       for (int k = 0; k < depth; k++) {
         ${each(span / 4, (half) => `a = texelFetch(A, ivec3(k, at.y, ${4 * half + row}), 0); q${row} += a * a;`)}
       }
       float d${row} = inversesqrt(dot(q${row}, vec4(1)) / width + epsilon);
       ${each(
         span / 4,
         (half) => `o${4 * half + row} = texelFetch(A, ivec3(at, ${4 * half + row}), 0) * d${row}
           * texelFetch(B, ivec3(at.x, 0, ${4 * half}), 0) + texelFetch(B, ivec3(at.x, 0, ${4 * half + 1}), 0);`,
       )}`,
     )}`,
  );

/** The mean of `count` tokens of each image from its `first` on: an image of A, `tall` tiles, becomes a row. */
export const poolShader = (span: number): string =>
  frame(
    span,
    "uniform sampler2DArray A; uniform int first, count, tall;",
    each(
      span,
      (layer) => `o${layer} = vec4(0);
      for (int t = first; t < first + count; t++)
        o${layer} += texelFetch(A, ivec3(at.x, (at.y * 4 + ${layer % 4}) * tall + t / 4, ${layer - (layer % 4)} + t % 4), 0);
      o${layer} /= float(count);`,
    ),
  );
