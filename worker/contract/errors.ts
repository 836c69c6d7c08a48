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

type VisionErrorOptions = ErrorOptions & { readonly image?: number | undefined };

/** An error with a code from the published list; the message says what, wanted, got, and what to do next. */
export class VisionError extends Error {
  override readonly name = "VisionError";
  /** Of a call with several images, the index of the one that it failed at. */
  readonly image: number | undefined;

  constructor(
    readonly code: VisionErrorCode,
    message: string,
    options: VisionErrorOptions = {},
  ) {
    super(message, options);
    this.image = options.image;
  }
}

/** The failure of one image among `of`, which the message then names; `thrown` itself of one alone, and what is no failure. */
export function atImage(thrown: unknown, image: number, of: number, name?: string): unknown {
  if (!(thrown instanceof VisionError) || of === 1) return thrown;
  const which = `picture ${image + 1} of ${of}${name ? ` (${name})` : ""}`;
  const message = `${which}: ${thrown.message.replace(/^(picture|image): /, "")}`;
  return new VisionError(thrown.code, message, { cause: thrown.cause, image });
}

/** What every call of a vision rejects with that has been disposed. */
export const disposedError = (): VisionError =>
  new VisionError("disposed", "This vision has been disposed; create another.");

/** What every cancelled call rejects with; the reason that its signal carries is the `cause`. */
export const abortError = (message = "The call was cancelled.", cause?: unknown): DOMException =>
  Object.assign(new DOMException(message, "AbortError"), cause !== undefined && { cause });

export const abortedBy = (signal: AbortSignal): DOMException => abortError(undefined, signal.reason);

export const isAbortError = (error: unknown): boolean => error instanceof Error && error.name === "AbortError";
