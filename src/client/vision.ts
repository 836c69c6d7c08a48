import type {
  BackendChoice,
  BackendReport,
  Classification,
  ModelInfo,
  Status,
  StoredModel,
} from "../../worker/contract/api.ts";
import type { EmbeddedModel } from "../../worker/contract/model-folder.ts";
import type { RgbImage } from "../../worker/contract/pixels.ts";
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

/**
 * Where a model comes from: the name of an embedded model, `hf:owner/name[@revision]`, the URL of a folder or of one
 * `.safetensors` file, or the files themselves.
 */
export type ModelInput = string | URL | readonly File[];

export type VisionOptions = {
  /** "auto" takes WebGL2 on a real GPU, else wasm, else cpu. Default "auto". */
  readonly backend?: BackendChoice | undefined;
  /** The worker to use: its URL, or a function that starts one. Default: the worker shipped beside this file. */
  readonly worker?: string | URL | Worker | (() => Worker) | undefined;
  /** The folder that embedded models are served from. Default "models/" beside the page. */
  readonly models?: string | URL | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told when the worker died or lost its GPU and another took its place; `reason` is for people. */
  readonly onRestart?: ((reason: string, backend: BackendReport) => void) | undefined;
};

export type ClassifyOptions = CallOptions & {
  /** Default: the model loaded last. */
  readonly model?: ModelInfo | undefined;
  /** How many predictions, 1 or more. Default 5. */
  readonly topK?: number | undefined;
};

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
  classify(images: readonly ImageInput[], options?: ClassifyOptions): Promise<Classification[]>;
  status(): Promise<Status>;
  /** The models served beside the page. */
  embeddedModels(): Promise<EmbeddedModel[]>;
  /** The models kept in this browser's storage, with their sizes. */
  storedModels(): Promise<StoredModel[]>;
  forgetModel(origin: string): Promise<void>;
  /** Ends the worker and frees everything. Calls under way reject with "disposed". */
  dispose(): Promise<void>;
}
