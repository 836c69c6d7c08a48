import { concat, slice, tidy, type Tensor3D, type Tensor4D } from "@tensorflow/tfjs-core";
import { VisionError } from "../contract/errors.ts";
import type { TokenStep, TokenStepName, TokenSteps } from "../contract/lab.ts";
import type { Pause } from "../contract/turns.ts";
import { tokenAt } from "../layers/aggregate-tokens.ts";
import { cutPatches, embedPatches } from "../layers/patch-embedding.ts";
import { gridSize, prefixTokens, tokenCount } from "../models/vit/config.ts";
import type { Vit } from "../models/vit/vit.ts";
import { openBlock } from "./open-block.ts";
import { readBlock } from "./read-block.ts";
import { takeValues } from "../layers/take-values.ts";

type Step = readonly [TokenStepName, Tensor3D]; // of all tokens, [1, T, …]

/**
 * One token of one image `[1, height, width, C]`, from the pixels to what a block makes of it: the block's own layers,
 * one after another. Throws `invalid-argument` for a layer or a token that is not there.
 */
export async function followToken(
  vit: Vit,
  image: Tensor4D,
  layer: number,
  token: number,
  pause: Pause,
): Promise<Omit<TokenSteps, "seen">> {
  const { heads } = vit.config;
  expectToken(token, tokenCount(vit.config));
  const { block, tokens } = await readBlock(vit, image, layer, pause);
  const followed = tidy(() => {
    const { steps, weights } = openBlock(block, tokens);
    const own = slice(weights, [0, 0, token, 0], [1, heads, 1, -1]); // [1, H, 1, T]
    return { rows: [...rowsOf(patchSteps(vit, image), token), ...rowsOf(steps, token)], own };
  });
  tokens.dispose();
  const steps: TokenStep[] = [];
  for (const { name, shape, row } of followed.rows) {
    const values = await takeValues(row);
    steps.push({ name, shape, values, norm: Math.hypot(...values) });
  }
  const looked = await takeValues(followed.own);
  const count = looked.length / heads;
  return {
    grid: gridSize(vit.config),
    prefixTokens: prefixTokens(vit.config),
    layers: vit.config.layers,
    steps,
    looked: Array.from({ length: heads }, (_, head) => looked.slice(head * count, (head + 1) * count)),
  };
}

/** image → pixels, what the embedding makes of them, and what is added for their places. */
function patchSteps({ prefix, patches, positions }: Vit, image: Tensor4D): Step[] {
  const embedded = embedPatches(patches, image); // [1, N, D]
  return [
    ["pixels", cutPatches(image, patches.patchSize)], // [1, N, P·P·C]
    ["embedded", prefix ? concat([prefix, embedded], 1) : embedded], // [1, T, D]
    ["position", positions], // [1, T, D]
  ];
}

/** Of every step, all tokens' shape and the one token's own row; prefix tokens have no pixels. */
const rowsOf = (steps: readonly Step[], token: number) => {
  const last = steps.at(-1)![1].shape[1];
  return steps.flatMap(([name, tokens]) => {
    const at = token - (last - tokens.shape[1]); // pixels begin behind the prefix
    return at < 0 ? [] : [{ name, shape: tokens.shape.slice(1), row: tokenAt(tokens, at) }];
  });
};

function expectToken(token: number, count: number): void {
  if (Number.isInteger(token) && token >= 0 && token < count) return;
  throw new VisionError("invalid-argument", `token: wanted one from 0 to ${count - 1}, got ${token}`);
}
