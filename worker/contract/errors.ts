/** Every way patchlight can fail, by code. The same list holds on both sides of the worker boundary and on the command line. */
export const VISION_ERROR_CODES = [
  // starting and running
  "worker-failed-to-start",
  "worker-crashed",
  "disposed",
  "backend-unavailable",
  "context-lost",
  "out-of-memory",
  "invalid-argument",
  "internal",
  // fetching model files
  "source-not-found",
  "source-network",
  "source-truncated",
  "source-checksum",
  "source-not-json",
  "source-lfs-pointer",
  "source-unsupported",
  // what the files say
  "config-malformed",
  "config-unsupported",
  "safetensors-truncated",
  "safetensors-header",
  "safetensors-duplicate-name",
  "safetensors-dtype",
  "safetensors-offsets",
  "safetensors-size",
  "weights-malformed",
  "checkpoint-missing-tensor",
  "checkpoint-unexpected-tensor",
  "checkpoint-shape-mismatch",
  "checkpoint-dtype",
  // using a model
  "model-not-loaded",
  "model-has-no-head",
  "input-shape",
  // images
  "image-empty",
  "image-unknown-format",
  "image-corrupt",
  "image-too-large",
  "image-timeout",
  "image-unsupported-input",
  // training
  "training-diverged",
  "training-data",
  "training-recipe",
  "training-state",
] as const;

export type VisionErrorCode = (typeof VISION_ERROR_CODES)[number];

/** An error with a code from the published list; the message says what, wanted, got, and what to do next. */
export class VisionError extends Error {
  override readonly name = "VisionError";

  constructor(
    readonly code: VisionErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What every cancelled call rejects with, whatever reason its signal carries. */
export const abortError = (message = "The call was cancelled."): DOMException =>
  new DOMException(message, "AbortError");

export const isAbortError = (error: unknown): boolean => error instanceof Error && error.name === "AbortError";
