import { VisionError } from "./errors.ts";

/** What something is, for people: `FileList`, `Null`; the same for things of a frame's, whose classes are not this page's. */
export const kindOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

/** Callers without types may pass anything. Throws `invalid-argument`. */
export function expectObject(what: string, value: unknown, wanted: string): void {
  if (typeof value === "object" && value !== null) return;
  throw new VisionError("invalid-argument", `${what}: expected ${wanted}, got ${String(value)}`);
}

/** Options of every call, and of those that ask a model. */
export const CALL_OPTIONS: readonly string[] = ["signal", "onProgress"];
export const ASK_OPTIONS: readonly string[] = ["model", ...CALL_OPTIONS];

/** Throws `invalid-argument` for a name that is none of `known`, too: a slip of the pen would change nothing, and say nothing. */
export function expectOptions(options: unknown, known?: readonly string[]): void {
  expectObject("options", options, "an object or nothing");
  const strange = known && Object.keys(options as object).find((name) => !known.includes(name));
  if (strange !== undefined)
    throw new VisionError("invalid-argument", `options: expected ${known!.join(", ")}, got ${strange}`);
  const { signal } = options as { signal?: unknown };
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw new VisionError("invalid-argument", `signal: expected an AbortSignal or nothing, got ${typeof signal}`);
}

export const expectModel = (model: unknown): void => {
  expectObject("model", model, "what load() gave");
  if (typeof (model as { id?: unknown }).id === "number") return;
  throw new VisionError("invalid-argument", "model: expected what load() gave, got another object");
};
