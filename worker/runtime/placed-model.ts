import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import type { ModelInfo } from "../contract/api.ts";
import type { ExplainRequest, HeadRowsRequest, MatrixRequest } from "../contract/explain-request.ts";
import type { Explanation, HeadFigures, HeadRows, MatrixExplanation } from "../contract/explanation.ts";
import type { ExplainRun } from "../explain/explain-run.ts";

/**
 * What a model can be asked for, whatever its kind, under Hugging Face's names. B images; of a ViT N tokens, D wide; of
 * a CNN maps of C channels, in PyTorch's order of axes:
 * - `attentions.i` `[B, heads, N, N]`: where each token, or position of the map (row), looked; rows sum to 1.
 *   `ModelInfo.layers` of them
 * - `hidden_states.i` `[B, N, D]`, `[B, C, H, W]`: 0 the embedded tokens or the stem's map, then what each block or stage
 *   gives. `ModelInfo.hiddenStates` of them
 * - `last_hidden_state` `[B, N, D]`, `[B, C, H, W]`: the last of them, after a ViT's final norm
 * - `pooled` `[B, D]`, `[B, C]`: what the head reads
 * - `pooler_output` `[B, D]`: of a bare ViT with `ModelInfo.pooler`
 * - `logits` `[B, classes]`
 */
export type ModelStage =
  `attentions.${number}` | `hidden_states.${number}` | "last_hidden_state" | "pooled" | "pooler_output" | "logits";

export type ModelRun = {
  /** Which stages to return; nothing behind the last of them is computed. */
  readonly stages: readonly ModelStage[];
  /** Awaited between the steps of a run; throw from it to stop. */
  readonly pause?: (() => Promise<void>) | undefined;
  /** Take images of another size; a ViT interpolates its positions for that. Default false. */
  readonly interpolate?: boolean | undefined;
};

/** What a model's shape tells, for those who do not know its kind. */
export type ModelFacts = Pick<
  ModelInfo,
  "parameters" | "inputSize" | "grid" | "gridSpan" | "layers" | "heads" | "prefixTokens" | "hiddenStates" | "pooler"
>;

/** Where a model looked in one image `[1, height, width, channels]`, which stays the caller's; see worker/explain. */
export type Explainers = {
  map(image: Tensor4D, request: ExplainRequest, run: ExplainRun): Promise<Explanation>;
  matrix(image: Tensor4D, request: MatrixRequest, run: ExplainRun): Promise<MatrixExplanation>;
  headRows(image: Tensor4D, request: HeadRowsRequest, run: ExplainRun): Promise<HeadRows>;
  headFigures(image: Tensor4D, run: ExplainRun): Promise<HeadFigures>;
};

/** A model of any kind, on the device. */
export type PlacedModel = {
  readonly facts: ModelFacts;
  readonly channels: number; // of its images
  /**
   * image `[B, height, width, channels]`, normalised → the stages asked for. The caller owns every tensor of the result.
   * Throws `input-shape`, `invalid-argument` or `model-has-no-head`; whatever is thrown, no tensor is left behind.
   */
  run(image: Tensor4D, run: ModelRun): Promise<Map<ModelStage, Tensor>>;
  readonly explain: Explainers;
  /** Begins what a first run would wait for; of models that have a quicker way to it than a run. */
  readonly warmUp?: (() => void) | undefined;
  release(): void;
};
