import { isAbortError, VisionError } from "../contract/errors.ts";

/** What browsers and Node say when memory runs out, in JavaScript, in WebAssembly and on the GPU. */
const OUT_OF_MEMORY = /out of memory|allocation failed|could not allocate|memory access out of bounds|OUT_OF_MEMORY/i;

export const outOfMemory = (cause?: unknown): VisionError =>
  new VisionError("out-of-memory", "Memory ran out. Try a smaller model or fewer pictures at a time.", { cause });

/** Any thrown thing as an error that may cross the worker boundary: a `VisionError` or an `AbortError`. */
export function codedError(thrown: unknown): Error {
  if (thrown instanceof VisionError) return thrown;
  if (isAbortError(thrown)) return thrown as Error;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (OUT_OF_MEMORY.test(message)) return outOfMemory(thrown);
  return new VisionError("internal", `Something went wrong inside patchlight: ${message}`, { cause: thrown });
}
