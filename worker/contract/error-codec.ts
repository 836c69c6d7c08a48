import { transferHandlers, type TransferHandler } from "comlink";
import { abortError, isAbortError, VisionError, type VisionErrorCode } from "./errors.ts";

/** An error in a form that survives structured cloning; comlink alone keeps name, message and stack only. */
export type EncodedError =
  | { readonly kind: "abort"; readonly message: string }
  | {
      readonly kind: "vision";
      readonly code: VisionErrorCode;
      readonly message: string;
      readonly stack: string | null;
      readonly image: number | undefined;
      readonly cause: EncodedError | null;
    }
  | { readonly kind: "other"; readonly name: string; readonly message: string; readonly stack: string | null };

/** Causes of causes beyond this are dropped: an error may be its own cause. */
const DEEPEST_CAUSE = 4;

/** Any thrown thing → a cloneable form that keeps class, code and cause. */
export function encodeError(thrown: unknown, depth = 0): EncodedError {
  if (isAbortError(thrown)) return { kind: "abort", message: (thrown as Error).message };
  if (!(thrown instanceof Error)) return { kind: "other", name: "Error", message: String(thrown), stack: null };
  const { name, message } = thrown;
  const stack = thrown.stack ?? null;
  if (!(thrown instanceof VisionError)) return { kind: "other", name, message, stack };
  const hasCause = thrown.cause !== undefined && depth < DEEPEST_CAUSE;
  return {
    kind: "vision",
    code: thrown.code,
    message,
    stack,
    image: thrown.image,
    cause: hasCause ? encodeError(thrown.cause, depth + 1) : null,
  };
}

/** The error that `encodeError` was given, as near as another realm can have it. */
export function decodeError(encoded: EncodedError): Error {
  if (encoded.kind === "abort") return abortError(encoded.message);
  const error =
    encoded.kind === "vision"
      ? new VisionError(encoded.code, encoded.message, {
          image: encoded.image,
          ...(encoded.cause && { cause: decodeError(encoded.cause) }),
        })
      : Object.assign(new Error(encoded.message), { name: encoded.name });
  if (encoded.stack !== null) error.stack = encoded.stack;
  return error;
}

type Thrown = { readonly value: unknown };

/** Teaches comlink, on the side that calls this, to carry our errors whole. Both sides must call it before any call. */
export function carryErrorsWhole(): void {
  const original = transferHandlers.get("throw")!; // comlink's own; only it can tell a thrown value from a returned one
  const handler: TransferHandler<Thrown, EncodedError> = {
    canHandle: (value): value is Thrown => original.canHandle(value),
    serialize: ({ value }) => [encodeError(value), []],
    deserialize: (encoded) => {
      throw decodeError(encoded);
    },
  };
  transferHandlers.set("throw", handler);
}
