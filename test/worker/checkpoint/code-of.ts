import { expect } from "vitest";
import { VisionError, type VisionErrorCode } from "../../../worker/contract/errors.ts";

/** The `VisionError` that a call throws; fails where it throws anything else, or nothing. */
export async function errorOf(call: () => unknown): Promise<VisionError> {
  try {
    await call();
  } catch (error) {
    expect(error).toBeInstanceOf(VisionError);
    return error as VisionError;
  }
  throw new Error("wanted a VisionError, got an answer");
}

/** Checks the code of the error a call throws, and that its message holds each of the words. */
export async function expectRefusal(call: () => unknown, code: VisionErrorCode, ...words: string[]): Promise<void> {
  const error = await errorOf(call);
  expect([error.code, error.message]).toEqual([code, expect.any(String)]);
  for (const word of words) expect(error.message).toContain(word);
}
