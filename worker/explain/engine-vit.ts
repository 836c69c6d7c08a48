import { slice, type Tensor4D } from "@tensorflow/tfjs-core";
import type { QueryRows } from "../contract/attention-matrix.ts";
import type { Pause } from "../contract/turns.ts";
import { tokenCount, type VitConfig } from "../models/vit/config.ts";
import type { Vit } from "../models/vit/vit.ts";
import type { ExplainRun } from "./explain-run.ts";
import { isOfItsSize } from "./is-of-its-size.ts";
import { walkForward } from "./walk-forward.ts";

/** A ViT on an engine of its own: it tells where it looked, and is composed of tensors for gradients and other sizes. */
export type EngineVit = {
  readonly config: VitConfig;
  /**
   * image `[1, height, width, C]` of the model's size → attention `[1, H, T, T]` of these blocks, or of these rows of it
   * `[1, H, count, T]`; the caller owns them.
   */
  attentions(
    image: Tensor4D,
    layers: readonly number[],
    pause: Pause | undefined,
    rows?: QueryRows,
  ): Promise<Tensor4D[]>;
  /** The same model, which stays the engine's. */
  compose(pause: Pause | undefined): Promise<Vit>;
};

export type AnyVit = Vit | EngineVit;

/** What attentions of one run may take: beyond it a second run, as far as it goes, costs less than memory that is not there. */
const MOST_BYTES = 2 ** 28;

export const composed = async (vit: AnyVit, { pause }: ExplainRun): Promise<Vit> =>
  "compose" in vit ? vit.compose(pause) : vit;

/**
 * Visits the attention `[1, H, T, T]` of every block, or these rows of it `[1, H, count, T]`, first block first; it ends
 * when `visit` has. Throws `input-shape`.
 */
export async function walkAttentions(
  vit: AnyVit,
  image: Tensor4D,
  run: ExplainRun,
  visit: (attention: Tensor4D) => void | Promise<void>,
  rows?: QueryRows,
): Promise<void> {
  if (!("compose" in vit) || !isOfItsSize(vit.config, image)) {
    const cut = rows ? (attention: Tensor4D) => visitRows(attention, rows, visit) : visit;
    const last = await walkForward(await composed(vit, run), image, run, ({ attention }) => cut(attention));
    last.dispose();
    return;
  }
  for (const layers of layersTogether(vit.config, rows)) {
    const attentions = await vit.attentions(image, layers, run.pause, rows);
    try {
      for (const attention of attentions) await visit(attention);
    } finally {
      for (const attention of attentions) attention.dispose();
    }
  }
}

/** All blocks, in as few runs of the engine as there is room for. */
function layersTogether(config: VitConfig, rows?: QueryRows): number[][] {
  const tokens = tokenCount(config);
  const bytes = 4 * config.heads * (rows?.count ?? tokens) * tokens; // of one block
  const most = Math.max(1, Math.floor(MOST_BYTES / bytes));
  const all = [...Array(config.layers).keys()];
  return Array.from({ length: Math.ceil(all.length / most) }, (_, run) => all.slice(run * most, (run + 1) * most));
}

async function visitRows(
  attention: Tensor4D,
  { first, count }: QueryRows,
  visit: (rows: Tensor4D) => void | Promise<void>,
): Promise<void> {
  const [, heads, , keys] = attention.shape;
  const rows = slice(attention, [0, 0, first, 0], [1, heads, count, keys]);
  try {
    await visit(rows);
  } finally {
    rows.dispose();
  }
}
