import type { Head } from "./head.ts";
import type { CallOptions } from "./progress.ts";

export type ReadOptions = CallOptions & {
  /**
   * Shown the memory that the whole file will stand in, and how many bytes of it have come; other memory than before:
   * the file is begun anew. What it throws refuses the file before the rest is fetched, and nothing of it is kept. A
   * folder at hand may never call it.
   */
  readonly onArrived?: ((file: Uint8Array, arrived: number) => void) | undefined;
};

/** A model folder in Hugging Face layout, wherever it lives: a URL, the hub, dropped files, a disk. */
export type ModelFolder = {
  readonly name: string; // for people: "everyday-vit", "WinKawaks/vit-tiny-patch16-224"
  readonly origin: string; // for messages: the URL or path
  readonly weightsName?: string | undefined; // for messages: of a file of another name that stands for model.safetensors
  /**
   * One file, whole; `null` where the folder has no such file.
   * Throws `source-network`, `source-truncated`, `source-checksum`, an `AbortError`, or what `onArrived` throws.
   */
  read(path: string, options?: ReadOptions): Promise<Uint8Array<ArrayBuffer> | null>;
  /** The same of a file beside the embedded models, of which all models may have need. Absent where there are none. */
  readonly readShared?: ModelFolder["read"];
};

/** Where a model's files are; `text` is an embedded name, `hf:owner/name[@revision]`, or a URL. */
export type FolderSource =
  { readonly kind: "text"; readonly text: string } | { readonly kind: "files"; readonly files: readonly File[] };

/** What `load` takes across the worker boundary: a model's files, or those of another one that gets a head of its own. */
export type ModelSource = FolderSource | { readonly kind: "headed"; readonly from: FolderSource; readonly head: Head };

/** What a model is; a captioner writes sentences about what its encoder, one of the others, sees. */
export type ModelType = "vit" | "attention-cnn" | "captioner";

/** One line of `models/index.json`: a model that is served beside the page. */
export type EmbeddedModel = {
  readonly name: string; // the folder's name
  readonly type: ModelType;
  readonly title: string;
  readonly summary: string; // one short sentence for the model picker
  readonly bytes: number; // of the weight file
  readonly parameters: number;
  readonly sha256: string; // of model.safetensors, lower-case hexadecimal
};
