import { VisionError } from "../../worker/contract/errors.ts";

/** Callers without types may pass anything. Throws `invalid-argument`. */
export function expectObject(what: string, value: unknown, wanted: string): void {
  if (typeof value === "object" && value !== null) return;
  throw new VisionError("invalid-argument", `${what}: expected ${wanted}, got ${String(value)}`);
}

export function expectOptions(options: unknown): void {
  expectObject("options", options, "an object or nothing");
  const { signal } = options as { signal?: unknown };
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw new VisionError("invalid-argument", `signal: expected an AbortSignal or nothing, got ${typeof signal}`);
}

export const expectModel = (model: unknown): void => {
  expectObject("model", model, "what load() gave");
  if (typeof (model as { id?: unknown }).id === "number") return;
  throw new VisionError("invalid-argument", "model: expected what load() gave, got another object");
};
