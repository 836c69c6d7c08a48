/** patchlight for the browser: safe to import anywhere, starts nothing until `createVision` is called. */
export { createVision } from "./client/create-vision.ts";
export type {
  CaptionOptions,
  ClassifyOptions,
  ExplainHeadsOptions,
  ExplainOptions,
  FaithfulnessOptions,
  FolderInput,
  FrameSource,
  ImageInput,
  ImageInputs,
  LookOptions,
  ModelInput,
  Vision,
  VisionOptions,
  WatchOptions,
} from "./client/vision.ts";
export type {
  Caption,
  CaptionAlternative,
  CaptionQuestion,
  CaptionSampling,
  CaptionSentence,
  CaptionWord,
} from "../worker/contract/caption.ts";
export { EXPLAIN_METHODS, settingsOf, type ExplainQuestion } from "../worker/contract/explain-question.ts";
export type { ExplainMethod, HeadChoice, Query } from "../worker/contract/explain-request.ts";
export type { Faithfulness, FaithfulnessCurve, HeadFigures } from "../worker/contract/explanation.ts";
export { heatOfHead, heatOfQuery, type HeadHeats, type Heat, type HeatMatrix } from "../worker/contract/heat.ts";
export type { Head, TaughtHead } from "../worker/contract/head.ts";
export { groupPredictions, type PredictedGroup } from "../worker/contract/group-predictions.ts";
export { VISION_ERROR_CODES, VisionError, type VisionErrorCode } from "../worker/contract/errors.ts";
export type {
  BackendChoice,
  BackendName,
  BackendReport,
  Classification,
  MemoryReport,
  ModelInfo,
  Prediction,
  Scoring,
  Status,
  StoredModel,
} from "../worker/contract/api.ts";
export type { Rectangle, Size } from "../worker/contract/geometry.ts";
export type { EmbeddedModel } from "../worker/contract/model-folder.ts";
export type { ImageRecipe, RgbImage, SeenArea } from "../worker/contract/pixels.ts";
export type { Precision } from "../worker/contract/precision.ts";
export type { CallOptions, Progress } from "../worker/contract/progress.ts";
