import type { Tensor4D } from "@tensorflow/tfjs-core";
import type { VitConfig } from "../models/vit/config.ts";
import type { Vit } from "../models/vit/vit.ts";
import type { ExplainRun } from "./explain-run.ts";
import { walkForward } from "./walk-forward.ts";

type Pause = ExplainRun["pause"];

/** A ViT on an engine of its own: it tells where it looked, and is composed of tensors for gradients and other sizes. */
export type EngineVit = {
  readonly config: VitConfig;
  /** image `[1, height, width, C]` of the model's size → attention `[1, H, T, T]` of these blocks; the caller owns them. */
  attentions(image: Tensor4D, layers: readonly number[], pause: Pause): Promise<Tensor4D[]>;
  /** The same model, which stays the engine's. */
  compose(pause: Pause): Promise<Vit>;
};

export type AnyVit = Vit | EngineVit;

export const composed = async (vit: AnyVit, { pause }: ExplainRun): Promise<Vit> =>
  "compose" in vit ? vit.compose(pause) : vit;

/** Whether an engine takes the image as it is. */
export const isOfItsSize = ({ imageSize }: VitConfig, { shape: [, height, width] }: Tensor4D): boolean =>
  height === imageSize.height && width === imageSize.width;

/** Visits the attention `[1, H, T, T]` of every block, first block first; it ends when `visit` has. Throws `input-shape`. */
export async function walkAttentions(
  vit: AnyVit,
  image: Tensor4D,
  run: ExplainRun,
  visit: (attention: Tensor4D) => void | Promise<void>,
): Promise<void> {
  if (!("compose" in vit) || !isOfItsSize(vit.config, image)) {
    const last = await walkForward(await composed(vit, run), image, run, ({ attention }) => visit(attention));
    last.dispose();
    return;
  }
  const attentions = await vit.attentions(image, [...Array(vit.config.layers).keys()], run.pause);
  try {
    for (const attention of attentions) await visit(attention);
  } finally {
    for (const attention of attentions) attention.dispose();
  }
}
