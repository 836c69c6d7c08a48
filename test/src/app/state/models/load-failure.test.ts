import { afterEach, expect, test, vi } from "vitest";
import { describeFailure } from "../../../../../src/app/state/failure.ts";
import { describeLoadFailure, isPassing } from "../../../../../src/app/state/models/load-failure.ts";
import { VisionError } from "../../../../../worker/contract/errors.ts";

const files = (...names: string[]): File[] => names.map((name) => new File(["x"], name));
const unsupported = new VisionError("source-unsupported", "wanted this, got that");
const OTHER_KIND = describeFailure(unsupported).title;

test.each([
  ["not a url", "That is not an address."],
  ["hf:", "That is not an address."],
  ["https://example.org/vit/", OTHER_KIND],
  ["hf:owner/name", OTHER_KIND],
  [files("config.json", "vocab.json"), "The weights are missing."],
  [files("config.json", "pytorch_model.bin"), OTHER_KIND],
  [files("a.safetensors", "b.safetensors"), OTHER_KIND],
])("%j: %s", (source, title) =>
  expect(describeLoadFailure(unsupported, source)).toMatchObject({ code: "source-unsupported", title }),
);

test("of files that are given, one may be missing", () => {
  const missing = new VisionError("source-not-found", "no vocabulary.json there");
  expect(describeLoadFailure(missing, files("config.json"))).toMatchObject({
    title: "A file of this model is missing.",
  });
});

afterEach(() => vi.unstubAllGlobals());

test.each([
  [false, "This browser does not keep that model."],
  [true, "The download failed."],
])("where the browser says of a network %s: %s", (onLine, title) => {
  vi.stubGlobal("navigator", { onLine });
  const failure = describeLoadFailure(new VisionError("source-network", "no answer"), "everyday-cnn");
  expect(failure).toMatchObject({ title, code: "source-network" });
});

test("every other failure keeps its words", () => {
  const missing = new VisionError("source-not-found", "404");
  expect(describeLoadFailure(missing, "not a url")).toEqual(describeFailure(missing));
});

test("a model may load the next time where the network failed, not where the model is wrong", () => {
  expect(isPassing(describeFailure(new VisionError("source-network", "")))).toBe(true);
  expect(isPassing(describeFailure(new VisionError("config-malformed", "")))).toBe(false);
});
