import { isAbortError, VisionError, type VisionErrorCode } from "../../../worker/contract/errors.ts";

/** A failure as a visitor reads it. */
export type Failure = {
  readonly code: string;
  readonly title: string; // what went wrong, in a short sentence
  readonly advice: string; // what to do next
  readonly detail: string; // the error's own message
};

/** A failure of the page's own: the camera, a picture's address. */
export class PageError extends Error {
  override readonly name = "PageError";

  constructor(
    readonly code: PageErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export type PageErrorCode =
  | "camera-refused"
  | "camera-missing"
  | "camera-busy"
  | "camera-insecure"
  | "picture-address"
  | "picture-insecure"
  | "picture-offline";

type Words = readonly [title: string, advice: string];

const RELOAD: Words = ["Something went wrong inside.", "Try again; if it stays, reload the page."];
const PICTURE: Words = ["This file is not a picture we can read.", "Try a JPEG, PNG or WebP file."];
const WEIGHTS: Words = ["The weight file is damaged.", "Download the model again, or choose another."];
const MISFIT: Words = ["The weights do not fit the model's configuration.", "Choose a complete model folder."];

const WORDS: Readonly<Partial<Record<VisionErrorCode | PageErrorCode, Words>>> = {
  "worker-failed-to-start": ["patchlight could not start.", "Reload the page. A browser extension may be in the way."],
  "worker-crashed": ["The computation stopped unexpectedly.", "Try again; a smaller model may help."],
  "backend-unavailable": ["This browser offers nothing to compute with.", "Try an up-to-date browser."],
  "context-lost": ["The GPU was lost.", "Try again."],
  "out-of-memory": ["There was not enough memory.", "Close other tabs, or choose a smaller model."],
  "source-not-found": ["There is no model at that address.", "Check the name or URL."],
  "source-network": ["The download failed.", "Check the connection, then try again."],
  "source-truncated": ["The download ended early.", "Try again."],
  "source-checksum": ["The download was damaged on the way.", "Try again."],
  "source-not-json": ["That address does not hold a model.", "Give the folder that contains config.json."],
  "source-lfs-pointer": ["This is a Git LFS pointer, not the weights.", "Use the real file: run git lfs pull first."],
  "source-unsupported": ["patchlight cannot read this kind of model.", "Use one from PyTorch or Hugging Face."],
  "weights-malformed": ["The weight file cannot be read.", "It is damaged, or holds something other than weights."],
  "config-malformed": ["The model's configuration is not valid.", "Choose another model."],
  "config-unsupported": ["This is not a model that patchlight knows.", "Choose another model."],
  "model-not-loaded": ["The model is no longer loaded.", "Choose a model again."],
  "model-has-no-head": ["This model has no labels.", "It shows where it looks; for names, choose another."],
  "invalid-argument": ["That does not fit the model in use.", "Choose the model it was made with, then try again."],
  "image-empty": ["This file is empty.", "Choose another photo."],
  "image-unknown-format": PICTURE,
  "image-unsupported-input": PICTURE,
  "image-corrupt": ["This picture is damaged.", "Open and save it again, or choose another."],
  "image-too-large": [
    "This picture is too large.",
    "Make it smaller: 100 megapixels and 65,535 pixels a side are the most.",
  ],
  "image-timeout": ["This picture took too long to read.", "Open and save it again, or choose another."],
  "picture-address": ["That picture could not be fetched.", "Save it on your device, then choose the file."],
  "picture-offline": ["That picture could not be fetched.", "Check the connection, then try again."],
  "picture-insecure": ["That picture's address is not secure.", "Use one with https, or save it and choose the file."],
  "camera-refused": ["The camera was refused.", "Allow it in the browser's site settings, then try again."],
  "camera-missing": ["No camera was found.", "Connect one, or choose a photo instead."],
  "camera-busy": ["The camera does not answer.", "Close other programs that use it, then try again."],
  "camera-insecure": ["The camera needs a secure page.", "Open this page over https."],
};

/** Words for whatever was thrown. Codes without words of their own are told by their family. */
export const describeFailure = (error: unknown): Failure => {
  const detail = error instanceof Error ? error.message : String(error);
  const code = error instanceof VisionError || error instanceof PageError ? error.code : "internal";
  const [title, advice] = WORDS[code] ?? familyWords(code);
  return { code, title, advice, detail };
};

const familyWords = (code: string): Words => {
  if (code.startsWith("safetensors-")) return WEIGHTS;
  if (code.startsWith("checkpoint-")) return MISFIT;
  return RELOAD;
};

/** True where the picture itself is at fault, so that another model would fail as well. */
export const isPictureFault = (failure: Failure): boolean =>
  failure.code.startsWith("image-") || failure.code.startsWith("picture-");

/** Some pictures, and some addresses, stay as they are however often they are read. */
export const isWorthTryingAgain = ({ code }: Failure): boolean =>
  code === "image-timeout" || !(code.startsWith("image-") || code === "picture-insecure");

/** True where the worker went away under the call: the same call works on the next worker. */
export const isWorkerLoss = (error: unknown): boolean =>
  error instanceof VisionError && (error.code === "context-lost" || error.code === "worker-crashed");

export const isCancelled = isAbortError;
