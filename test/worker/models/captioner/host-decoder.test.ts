import { memory } from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
import { hostDecoder } from "../../../../worker/models/captioner/host-decoder.ts";
import { cpuBackend } from "../../../../worker/runtime/backends/cpu.ts";
import { maxDifference } from "../../../setup/golden.ts";
import { GOLDEN_NAMES, goldenCaptioner } from "./golden-captioners.ts";
import { featuresOf } from "./place-golden.ts";
import { writeAtOnce } from "./write-words.ts";

beforeAll(async () => {
  await cpuBackend.start(() => undefined);
});

test.each(GOLDEN_NAMES)("%s: a search on the host moves one state on, and leaves no tensor", async (name) => {
  const { decoder, features, words, release } = await goldenCaptioner(name);
  const photos = [1, 0, 0];
  const told = photos.map((photo) => words[photo]!);
  const wanted = await writeAtOnce(decoder, decoder.start(featuresOf(features, photos)), told);
  const host = hostDecoder(decoder);
  const before = memory().numTensors;
  let captions = host.start(features);
  for (const at of words[0]!.keys()) {
    if (at === 1) captions = host.reorder(captions, Int32Array.from(photos));
    const rows = at === 0 ? words : told;
    const { logits, attention } = await host.step(
      captions,
      Int32Array.from(rows, (row) => row[at]!),
    );
    if (at === 0) continue;
    expect(maxDifference(logits, wanted[at]!.logits)).toBeLessThanOrEqual(1e-5);
    expect(maxDifference(attention, wanted[at]!.alphas)).toBeLessThanOrEqual(1e-5);
  }
  host.release(captions);
  expect(memory().numTensors).toBe(before);
  const narrow = { shape: [2, 1, 1], values: new Float32Array(2) };
  expect(() => host.start(narrow)).toThrow(`[*, *, ${features.shape[2]!}], got [2, 1, 1]`);
  expect(memory().numTensors).toBe(before);
  release();
});
