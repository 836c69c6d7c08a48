import type {
  BackendChoice,
  BackendReport,
  Classification,
  FaithfulnessQuestion,
  ModelInfo,
  Status,
  StoredModel,
} from "../../worker/contract/api.ts";
import type { Caption, CaptionQuestion, CaptionWord } from "../../worker/contract/caption.ts";
import type { ExplainQuestion } from "../../worker/contract/explain-question.ts";
import type { Query } from "../../worker/contract/explain-request.ts";
import type { Faithfulness, HeadFigures } from "../../worker/contract/explanation.ts";
import type { Head, TaughtHead } from "../../worker/contract/head.ts";
import type { HeadHeats, Heat, HeatMatrix } from "../../worker/contract/heat.ts";
import type { EmbeddedModel } from "../../worker/contract/model-folder.ts";
import type { RgbImage } from "../../worker/contract/pixels.ts";
import type { Precision } from "../../worker/contract/precision.ts";
import type { CallOptions } from "../../worker/contract/progress.ts";

/** Anything a browser can show as a picture. A string or URL is fetched by the worker. */
export type ImageInput =
  | Blob
  | ImageBitmap
  | ImageData
  | HTMLImageElement
  | HTMLCanvasElement
  | OffscreenCanvas
  | HTMLVideoElement
  | VideoFrame
  | RgbImage
  | URL
  | string;

/** Several pictures; the `files` of an input element are some. */
export type ImageInputs = readonly ImageInput[] | FileList;

/**
 * Where a model's files come from: the name of an embedded model, `hf:owner/name[@revision]`, the URL of a folder or of one
 * file of weights, or the files themselves.
 */
export type FolderInput = string | URL | readonly File[] | FileList;

/** A model's own files, or those of a model that gets another head, such as one that `teach` made. */
export type ModelInput = FolderInput | { readonly from: FolderInput; readonly head: Head };

export type VisionOptions = {
  /** "auto" takes WebGL2 on a real GPU, else wasm, else cpu. Default "auto". */
  readonly backend?: BackendChoice | undefined;
  /**
   * What models are kept in on the GPU. "float16" takes about half the memory, and answers differ a little; wasm and cpu
   * stay with float32, and `vision.backend.precision` tells. Default "float32".
   */
  readonly precision?: Precision | undefined;
  /** The worker to use: its URL, or a function that starts one. Default: the worker shipped beside this file. */
  readonly worker?: string | URL | Worker | (() => Worker) | undefined;
  /** The folder that embedded models are served from. Default "models/" beside the page. */
  readonly models?: string | URL | undefined;
  /** The model that will be loaded first: its files are fetched while the backend starts. */
  readonly preload?: string | URL | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told when the worker died or lost its GPU and another took its place; `reason` is for people. */
  readonly onRestart?: ((reason: string, backend: BackendReport) => void) | undefined;
};

export type ClassifyOptions = CallOptions & {
  /** Default: the model loaded last that names classes. */
  readonly model?: ModelInfo | undefined;
  /** How many predictions, 1 or more. Default 5. */
  readonly topK?: number | undefined;
};

/**
 * Where frames come from: a playing video (also one that shows a camera), or a stream or async iterable of pictures. Of
 * the latter two, video frames and bitmaps are closed by whoever reads them.
 */
export type FrameSource = HTMLVideoElement | ReadableStream<ImageInput> | AsyncIterable<ImageInput>;

export type WatchOptions = Omit<ClassifyOptions, "onProgress">;

/** The model that is asked; default: of those that can answer the one loaded last. */
export type LookOptions = CallOptions & { readonly model?: ModelInfo | undefined };

/** How the sentence is searched for; default: beam search with 3 beams, up to 20 words. */
export type CaptionOptions = LookOptions &
  CaptionQuestion & {
    /** Told the words of the best sentence one by one, each as soon as nothing can change it; `photo`: which image. */
    readonly onWord?: ((word: CaptionWord, photo: number) => void) | undefined;
  };

/** Which map; what is left out takes the method's default, and a setting that the method has not is refused. */
export type ExplainOptions = LookOptions & ExplainQuestion;

export type ExplainHeadsOptions = LookOptions & {
  /** Whose attention: "class", "mean" or a cell. Default: the class token's where there is one. */
  readonly query?: Query | undefined;
};

export type FaithfulnessOptions = LookOptions & Omit<FaithfulnessQuestion, "map">;

/**
 * A running worker. Every call rejects with a `VisionError` (see `code`) or, once its signal is aborted, with an
 * `AbortError`; a failed or cancelled call never blocks the next.
 */
export interface Vision {
  /** What computes at the moment, and why. */
  readonly backend: BackendReport;
  load(source: ModelInput, options?: CallOptions): Promise<ModelInfo>;
  unload(model: ModelInfo): Promise<void>;
  classify(image: ImageInput, options?: ClassifyOptions): Promise<Classification>;
  classify(images: ImageInputs, options?: ClassifyOptions): Promise<Classification[]>;
  /** What the model's head reads of a picture, `[D]`: pictures that are alike to the model are near each other. */
  embed(image: ImageInput, options?: LookOptions): Promise<Float32Array>;
  embed(images: ImageInputs, options?: LookOptions): Promise<Float32Array[]>;
  /**
   * Learns classes of your own from a few pictures of each: two classes or more, by name. Give the head, plain data that
   * JSON can keep, back to `load` with the model it was made for: `load({ from: "everyday-vit", head })`.
   */
  teach(pictures: Readonly<Record<string, ImageInputs>>, options?: LookOptions): Promise<TaughtHead>;
  /**
   * Classes of live frames, for as long as they are asked for: one frame at a time, always the newest; those that come
   * meanwhile are passed over. Ends with the source, `break`, or an AbortError; the source is told to stop.
   */
  watch(frames: FrameSource, options?: WatchOptions): AsyncGenerator<Classification, void, undefined>;
  /** What is on a picture, in a sentence, with where the model looked for each word; needs a captioner. */
  caption(image: ImageInput, options?: CaptionOptions): Promise<Caption>;
  caption(images: ImageInputs, options?: CaptionOptions): Promise<Caption[]>;
  /** Where a model looked in one picture, as one number for each patch or position of its map. */
  explain(image: ImageInput, options?: ExplainOptions): Promise<Heat>;
  /** The same for every query at once: `heatOfQuery` then gives any of them without asking the worker again. */
  explainAll(image: ImageInput, options?: ExplainOptions): Promise<HeatMatrix>;
  /** One query's map from every head of every layer, from one run; `heatOfHead` gives one of them. */
  explainHeads(image: ImageInput, options?: ExplainHeadsOptions): Promise<HeadHeats>;
  /** How far (pixels) and how widely (nats) each head looks. */
  measureHeads(image: ImageInput, options?: LookOptions): Promise<HeadFigures>;
  /** Deletion and insertion curves of a map (Petsiuk et al. 2018): how much the class depends on what it shows. */
  measureFaithfulness(image: ImageInput, map: Heat, options: FaithfulnessOptions): Promise<Faithfulness>;
  status(): Promise<Status>;
  /** The models served beside the page. */
  embeddedModels(): Promise<EmbeddedModel[]>;
  /** The models kept in this browser's storage, with their sizes. */
  storedModels(): Promise<StoredModel[]>;
  forgetModel(origin: string): Promise<void>;
  /** Ends the worker and frees everything. Calls under way reject with "disposed". */
  dispose(): Promise<void>;
}
