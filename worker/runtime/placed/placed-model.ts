import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import type { ModelInfo } from "../../contract/api.ts";
import type { ExplainRequest, HeadRowsRequest, MatrixRequest } from "../../contract/explain-request.ts";
import type { Explanation, HeadFigures, HeadRows, MatrixExplanation } from "../../contract/explanation.ts";
import type { ModelRun, ModelStage } from "../../contract/forward.ts";
import type { ExplainRun } from "../../explain/explain-run.ts";

/** What a model's shape tells, for those who do not know its kind. */
export type ModelFacts = Pick<
  ModelInfo,
  "inputSize" | "grid" | "gridSpan" | "layers" | "heads" | "prefixTokens" | "hiddenStates" | "pooler"
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
