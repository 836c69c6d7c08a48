import type { Caption, CaptionQuestion, CaptionWord } from "./caption.ts";
import type { Size } from "./geometry.ts";
import type { VisionErrorCode } from "./errors.ts";
import type { Labelling, TaughtHead } from "./head.ts";
import type { EmbeddedModel, FolderSource, ModelSource, ModelType } from "./model-folder.ts";
import type { RgbImage, SeenArea } from "./pixels.ts";
import type { Precision } from "./precision.ts";
import type { Progress } from "./progress.ts";
import type { ExplainQuestion } from "./explain-question.ts";
import type { HeadRowsRequest } from "./explain-request.ts";
import type { Explanation, Faithfulness, HeadFigures } from "./explanation.ts";
import type { HeadHeats, Heat, HeatMatrix } from "./heat.ts";

export type BackendName = "webgl" | "wasm" | "cpu";
export type BackendChoice = BackendName | "auto";

/** What runs the arithmetic, and why this and not another. */
export type BackendReport = {
  readonly name: BackendName;
  readonly renderer: string | null; // the GPU's name where the browser tells it
  readonly software: boolean; // a WebGL renderer that runs on the CPU
  readonly threads: number; // that wasm computes on, 1 where the page is not cross-origin isolated; of other backends 1
  readonly precision: Precision; // "float16" on WebGL alone, where it was asked for
  readonly reason: string; // one sentence for people
  readonly rejected: readonly { readonly name: BackendName; readonly reason: string }[];
};

export type ModelId = number;

/** A loaded model, as the page knows it. */
export type ModelInfo = {
  readonly id: ModelId;
  readonly name: string;
  readonly origin: string;
  readonly type: ModelType; // a captioner's layers, heads and stages are its encoder's
  readonly parameters: number; // numbers it learned
  readonly weightBytes: number; // as read, before the device
  readonly dtype: string; // of the weights in the file: "F16", "F32", "BF16", or "mixed"
  readonly labels: readonly string[]; // by class index; empty for a model without a head, as a captioner is
  readonly recipeAssumed: boolean; // no file tells how pictures are prepared: they are as for Hugging Face's ViT
  readonly labelsAssumed: boolean; // the files name none, and 1,000 classes are taken to be ImageNet-1k's
  readonly labelGroups: readonly (readonly number[])[]; // classes that mean one thing to people; most models name none
  readonly scoring: Scoring;
  readonly inputSize: Size; // pixels
  readonly grid: Size; // patches of a ViT, positions of the map a CNN attends over, places a captioner looks at
  readonly gridSpan: Size; // pixels of the input it lies over, from the top left: what makes no whole patch, a ViT leaves out
  readonly layers: number; // that attend; 0 for a CNN without self-attention
  readonly heads: number; // of each of them
  readonly prefixTokens: number; // tokens before the first patch: class, distillation
  readonly hiddenStates: number; // of a ViT layers + 1, of a CNN stages + 1
  readonly pooler: boolean; // a bare backbone with a layer on its class token
};

/** How scores come from logits: "sigmoid" where several labels may hold at once, as `problem_type` of a config says. */
export type Scoring = "softmax" | "sigmoid";

export type Prediction = {
  readonly index: number;
  readonly label: string;
  readonly score: number; // probability, 0…1
};

export type Classification = {
  readonly predictions: readonly Prediction[]; // best first
  readonly seen: SeenArea;
  readonly milliseconds: { readonly decode: number; readonly model: number }; // wall clock
};

export type MemoryReport = {
  readonly tensors: number;
  readonly bytes: number; // of tensors
  readonly gpuBytes: number | null; // textures in use; null off the GPU
  readonly gpuBytesAllocated: number | null; // textures in use or kept for reuse
};

export type Status = {
  readonly backend: BackendReport;
  readonly memory: MemoryReport;
  readonly models: readonly ModelInfo[];
  readonly queued: number; // jobs waiting or running
};

/** A model kept in this browser's Cache Storage. */
export type StoredModel = {
  readonly origin: string; // the folder's URL
  readonly bytes: number;
  readonly files: number;
};

/** A picture as it crosses the worker boundary. Blobs are decoded in the worker; a string is a URL. */
export type ImageMessage = Blob | ImageBitmap | RgbImage | string;

/** One of several: `null` where the page makes it when its turn comes, as `VisionEvents.picture` gives it. */
export type ImageOfMany = ImageMessage | null;

export type ClassifyRequest = { readonly model: ModelId; readonly topK: number };

/** Names a loaded model in a request. */
export type OfModel = { readonly model: ModelId };

/** Which map is put to the test, for which class. */
export type FaithfulnessQuestion = {
  readonly map: Pick<Explanation, "grid" | "values">;
  readonly target: number; // class whose probability is followed
  readonly steps?: number | undefined; // of either curve; default 16
  readonly baseline?: "blur" | "mean" | undefined; // what a cell gives way to; default "blur"
};

export type StartRequest = {
  readonly backend: BackendChoice;
  readonly precision: Precision;
  readonly models: string; // absolute URL of the folder of embedded models, with a trailing slash
  readonly preload?: FolderSource | undefined; // its files are fetched while the backend starts, for the first `load`
};

/** Names one call, so that it can be cancelled and its progress told apart. */
export type JobId = number;

/** What the worker tells without being asked. */
export interface VisionEvents {
  progress(job: JobId, progress: Progress): void;
  /** The next word of the best sentence about one of the call's photos; nothing can change it any more. */
  word(job: JobId, photo: number, word: CaptionWord): void;
  /** One of the call's pictures that was not sent with it. Rejects with `image-unsupported-input` or an AbortError. */
  picture(job: JobId, photo: number): Promise<ImageMessage>;
  /** The worker can no longer compute; start another. */
  lost(code: VisionErrorCode, message: string): void;
}

/** The whole protocol between page and worker. Every call rejects with a `VisionError` or an `AbortError`. */
export interface VisionApi {
  start(request: StartRequest, events: VisionEvents): Promise<BackendReport>;
  /** The page chooses the id, so that it stays the same when a new worker loads the model again. */
  load(job: JobId, model: ModelId, source: ModelSource): Promise<ModelInfo>;
  classify(job: JobId, images: readonly ImageOfMany[], request: ClassifyRequest): Promise<Classification[]>;
  /** Of each picture what the model's head reads, `[D]`. */
  embed(job: JobId, images: readonly ImageOfMany[], request: OfModel): Promise<Float32Array[]>;
  /** A head that tells the classes of these pictures. */
  teach(job: JobId, images: readonly ImageOfMany[], request: Labelling & OfModel): Promise<TaughtHead>;
  /** Says of each picture what is on it; tells words as they become final. */
  caption(job: JobId, images: readonly ImageOfMany[], request: CaptionQuestion & OfModel): Promise<Caption[]>;
  /** Where a model looked in one picture; see `ExplainRequest` for the methods. */
  explain(job: JobId, image: ImageMessage, question: ExplainQuestion & OfModel): Promise<Heat>;
  /** The same for every query at once, so that a page can move the query by itself. */
  explainAll(job: JobId, image: ImageMessage, question: ExplainQuestion & OfModel): Promise<HeatMatrix>;
  /** One query's map from every head of every layer. */
  explainHeads(job: JobId, image: ImageMessage, question: HeadRowsRequest & OfModel): Promise<HeadHeats>;
  measureHeads(job: JobId, image: ImageMessage, question: OfModel): Promise<HeadFigures>;
  measureFaithfulness(job: JobId, image: ImageMessage, question: FaithfulnessQuestion & OfModel): Promise<Faithfulness>;
  unload(model: ModelId): Promise<void>;
  cancel(job: JobId): void;
  /** Answers at once while the worker lives and is between two steps of its work. */
  ping(): void;
  status(): Promise<Status>;
  embeddedModels(): Promise<EmbeddedModel[]>;
  storedModels(): Promise<StoredModel[]>;
  forgetModel(origin: string): Promise<void>;
}
