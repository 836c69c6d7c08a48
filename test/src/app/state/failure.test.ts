import { describe, expect, test } from "vitest";
import {
  describeFailure,
  isPictureFault,
  isWorkerLoss,
  isWorthTryingAgain,
  PageError,
} from "../../../../src/app/state/failure.ts";
import { VISION_ERROR_CODES, VisionError } from "../../../../worker/contract/errors.ts";

describe("describeFailure", () => {
  test.each(VISION_ERROR_CODES)("has words for %s, and keeps the code and the message", (code) => {
    const failure = describeFailure(new VisionError(code, "wanted this, got that"));
    expect(failure.code).toBe(code);
    expect(failure.detail).toBe("wanted this, got that");
    expect(failure.title).toMatch(/^(?:[A-Z]|patchlight).{8,60}\.$/);
    expect(failure.advice).toMatch(/^[A-Z].{5,80}\.$/);
  });

  test("tells damaged weights and misfit weights apart", () => {
    const titles = (["safetensors-header", "safetensors-size", "checkpoint-missing-tensor"] as const).map(
      (code) => describeFailure(new VisionError(code, "")).title,
    );
    expect(titles[0]).toBe(titles[1]);
    expect(titles[2]).not.toBe(titles[0]);
  });

  test("anything unforeseen is internal", () => {
    expect(describeFailure(new TypeError("x is undefined"))).toMatchObject({
      code: "internal",
      detail: "x is undefined",
    });
    expect(describeFailure("a string")).toMatchObject({ code: "internal", detail: "a string" });
  });
});

test("a picture's own fault is told from the model's", () => {
  const fault = (error: Error): boolean => isPictureFault(describeFailure(error));
  expect(fault(new VisionError("image-empty", ""))).toBe(true);
  expect(fault(new PageError("picture-address", ""))).toBe(true);
  expect(fault(new VisionError("model-has-no-head", ""))).toBe(false);
});

test("reading the same bytes again helps only where time or the network was short", () => {
  const again = (error: Error): boolean => isWorthTryingAgain(describeFailure(error));
  expect(again(new VisionError("image-corrupt", ""))).toBe(false);
  expect(again(new VisionError("image-timeout", ""))).toBe(true);
  expect(again(new PageError("picture-address", ""))).toBe(true);
  expect(again(new PageError("picture-insecure", ""))).toBe(false);
});

test("only a lost worker is worth the same call again", () => {
  const lost = VISION_ERROR_CODES.filter((code) => isWorkerLoss(new VisionError(code, "")));
  expect(lost).toEqual(["worker-crashed", "context-lost"]);
});
