import { expose, wrap } from "comlink";
import { describe, expect, test } from "vitest";
import { carryErrorsWhole, decodeError, encodeError } from "../../../worker/contract/error-codec.ts";
import { abortError, VISION_ERROR_CODES, VisionError } from "../../../worker/contract/errors.ts";

const roundTrip = (thrown: unknown): Error => decodeError(structuredClone(encodeError(thrown)));

describe("errors across a clone", () => {
  test.each(VISION_ERROR_CODES)("%s keeps class, code, message, stack and cause", (code) => {
    const error = new VisionError(code, "what: wanted, got", { cause: new TypeError("below") });
    const copy = roundTrip(error) as VisionError;
    expect(copy).toBeInstanceOf(VisionError);
    expect(copy).toMatchObject({ code, message: error.message, name: "VisionError", stack: error.stack });
    expect(copy.cause).toMatchObject({ name: "TypeError", message: "below" });
  });

  test("an abort stays an abort", () => {
    expect(roundTrip(abortError())).toMatchObject({ name: "AbortError", message: "The call was cancelled." });
  });

  test("what is no error at all becomes one", () => {
    expect(roundTrip("just text").message).toBe("just text");
  });

  test("an error that is its own cause ends", () => {
    const error = new VisionError("internal", "round");
    error.cause = error;
    expect(roundTrip(error).message).toBe("round");
  });
});

test("comlink carries a rejection whole", async () => {
  carryErrorsWhole();
  const { port1, port2 } = new MessageChannel();
  const api = { fail: () => Promise.reject(new VisionError("image-empty", "nothing in it")), answer: () => 42 };
  expose(api, port1);
  const remote = wrap<typeof api>(port2);
  await expect(remote.fail()).rejects.toMatchObject({ code: "image-empty", name: "VisionError" });
  expect(await remote.answer()).toBe(42);
  port1.close();
  port2.close();
});
