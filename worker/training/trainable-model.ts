import type { Tensor2D, Tensor4D, Variable } from "@tensorflow/tfjs-core";
import type { Random } from "../contract/random.ts";

/** What keeps a model from learning its pictures by heart; each a probability of 0 to 1, 0 for none. */
export type Regularisation = {
  readonly dropout: number; // of what a block adds, element by element; of a CNN's pooled features
  readonly attentionDropout: number; // of attention weights
  readonly dropPath: number; // of the last block's whole branch, sample by sample; earlier blocks have less
};

/** How the model runs: as it answers later, or as it learns. */
export type Mode =
  | { readonly kind: "evaluation" }
  | { readonly kind: "training"; readonly regularisation: Regularisation; readonly random: Random };

export const EVALUATION: Mode = { kind: "evaluation" };

/** A model whose parameters can change, on the current backend. It owns its tensors until `dispose`. */
export interface TrainableModel {
  /** What learns, by its name in a checkpoint; an adapter under its parameter's name and its own. */
  readonly parameters: ReadonlyMap<string, Variable>;
  /** Running statistics, which follow the batches in training; none for a ViT. */
  readonly statistics: ReadonlyMap<string, Variable>;
  /** image `[B, height, width, C]` → logits `[B, classes]`, differentiable. */
  logits(image: Tensor4D, mode: Mode): Tensor2D;
  /** Every parameter as its checkpoint holds it, row-major, adapters merged. */
  read(): Promise<Map<string, Float32Array>>;
  /** How far a parameter is from the image, from 0; the head is deepest. */
  depthOf(name: string): number;
  dispose(): void;
}

/** What a run must know of a model, whatever it answers. */
export type Learner = Pick<TrainableModel, "parameters" | "statistics" | "depthOf">;

/** All that training changes, by name. */
export const learnedBy = ({ parameters, statistics }: Learner): ReadonlyMap<string, Variable> =>
  new Map([...parameters, ...statistics]);
