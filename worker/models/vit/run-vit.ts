import {
  add,
  clone,
  concat,
  dispose,
  mean,
  mul,
  reshape,
  slice,
  tanh,
  tensor3d,
  tidy,
  tile,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import { VisionError } from "../../contract/errors.ts";
import type { Size } from "../../contract/geometry.ts";
import { encode } from "../../layers/encoder-block.ts";
import { expectShape } from "../../layers/expect-shape.ts";
import { layerNorm } from "../../layers/layer-norm.ts";
import { linearRows, type Linear } from "../../layers/linear.ts";
import { embedPatches } from "../../layers/patch-embedding.ts";
import { gridSize, prefixTokens, type VitConfig } from "./config.ts";
import { interpolatePositions } from "./interpolate-positions.ts";
import { blocksNeeded, type VitStage } from "./stages.ts";
import type { Vit } from "./vit.ts";

export type VitRun = {
  /** Which stages to return; nothing behind the last of them is computed. */
  readonly stages: readonly VitStage[];
  /** Awaited after the embedding and after every block; throw from it to stop the run. */
  readonly pause?: (() => Promise<void>) | undefined;
  /** Take images of another size and interpolate the positions, as Hugging Face does. Default false. */
  readonly interpolate?: boolean | undefined;
};

/**
 * image `[B, height, width, C]`, normalised → the stages asked for. The caller owns every tensor of the result.
 * Throws `input-shape` for an image of the wrong size; whatever is thrown, no tensor is left behind.
 */
export async function runVit(vit: Vit, image: Tensor4D, run: VitRun): Promise<Map<VitStage, Tensor>> {
  const wanted = new Set(run.stages);
  const needed = blocksNeeded(wanted, vit.config);
  expectImage(vit.config, image, run.interpolate ?? false);
  const kept = new Map<VitStage, Tensor>();
  const keep = (stage: VitStage, tensor: Tensor): void => {
    if (wanted.has(stage)) kept.set(stage, clone(tensor));
  };
  let tokens = embedTokens(vit, image); // [B, P + N, D]
  try {
    keep("tokens", tokens);
    for (const [layer, block] of vit.blocks.slice(0, needed).entries()) {
      await run.pause?.();
      const result = encode(block, tokens);
      dispose(tokens);
      tokens = result.tokens;
      keep(`blocks.${layer}.attention`, result.attention);
      keep(`blocks.${layer}.output`, tokens);
      dispose(result.attention);
    }
    await run.pause?.();
    for (const [stage, tensor] of answer(vit, tokens, wanted)) kept.set(stage, tensor);
    return kept;
  } catch (error) {
    dispose([...kept.values()]);
    throw error;
  } finally {
    dispose(tokens);
  }
}

const ANSWERS = ["encoded", "pooled", "pooler_output", "logits"] as const satisfies VitStage[];

/** tokens `[B, P + N, D]` of the last block → encoded, pooled and logits, those of them that are wanted. */
function answer(vit: Vit, tokens: Tensor3D, wanted: ReadonlySet<VitStage>): [VitStage, Tensor][] {
  if (!ANSWERS.some((stage) => wanted.has(stage))) return [];
  const { config, norm } = vit;
  const entries = tidy(() => {
    const encoded = config.finalNorm === "tokens" ? layerNorm(norm, tokens) : clone(tokens); // [B, P + N, D]
    const features = pool(config, encoded); // [B, D]
    const pooled = config.finalNorm === "pooled" ? layerNorm(norm, features) : features;
    const answers = {
      encoded,
      pooled,
      ...(vit.pooler && { pooler_output: tanh(linearRows(vit.pooler, tokenAt(encoded, 0))) }),
      ...(vit.head && { logits: classify(vit, vit.head, pooled, encoded) }),
    };
    return Object.fromEntries(Object.entries(answers).filter(([stage]) => wanted.has(stage as VitStage)));
  });
  return Object.entries(entries) as [VitStage, Tensor][];
}

function expectImage({ imageSize, patchSize, channels }: VitConfig, image: Tensor4D, interpolate: boolean): void {
  if (!interpolate) return expectShape("image", image, [null, imageSize.height, imageSize.width, channels]);
  expectShape("image", image, [null, null, null, channels]);
  const [, height, width] = image.shape;
  if (height >= patchSize.height && width >= patchSize.width) return;
  const wanted = `${patchSize.height} × ${patchSize.width}`;
  throw new VisionError(
    "input-shape",
    `image: expected at least one patch of ${wanted} pixels, got ${height} × ${width}`,
  );
}

/** image `[B, height, width, C]` → `[B, P + N, D]`: prefix tokens, patches, positions. */
function embedTokens(vit: Vit, image: Tensor4D): Tensor3D {
  const [batch, height, width] = image.shape;
  const { patchSize } = vit.config;
  const grid = { width: Math.floor(width / patchSize.width), height: Math.floor(height / patchSize.height) };
  return tidy(() => {
    const patches = embedPatches(vit.patches, image); // [B, N, D]
    const tokens = vit.prefix ? concat([tile(vit.prefix, [batch, 1, 1]), patches], 1) : patches; // [B, P + N, D]
    return add<Tensor3D>(tokens, positionsFor(vit, grid));
  });
}

/** Learned positions for a grid, `[1, P + N, D]`. */
function positionsFor(vit: Vit, grid: Size): Tensor3D {
  const learned = gridSize(vit.config);
  if (grid.width === learned.width && grid.height === learned.height) return vit.positions;
  const prefix = prefixTokens(vit.config);
  const values = interpolatePositions(vit.positionValues, prefix, learned, grid);
  return tensor3d(values, [1, prefix + grid.width * grid.height, vit.config.hiddenSize]);
}

/** encoded `[B, P + N, D]` → `[B, D]` */
function pool(config: VitConfig, encoded: Tensor3D): Tensor2D {
  if (config.pooling === "class") return tokenAt(encoded, 0);
  const prefix = prefixTokens(config);
  return mean(slice(encoded, [0, prefix, 0]), 1);
}

/** encoded `[B, P + N, D]` → one token's state `[B, D]` */
function tokenAt(encoded: Tensor3D, index: number): Tensor2D {
  const [batch, , width] = encoded.shape;
  return reshape(slice(encoded, [0, index, 0], [batch, 1, width]), [batch, width]);
}

/** pooled `[B, D]` → logits `[B, classes]`; a distilled model answers with the mean of its two heads. */
function classify(vit: Vit, head: Linear, pooled: Tensor2D, encoded: Tensor3D): Tensor2D {
  const logits = linearRows(head, pooled);
  if (!vit.distillationHead) return logits;
  const distilled = linearRows(vit.distillationHead, tokenAt(encoded, 1));
  return mul(add(logits, distilled), 0.5);
}
