import { dispose, memory, profile } from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import type { DecoderState } from "../../../../worker/models/captioner/decoder-state.ts";
import { maxDifference } from "../../../setup/golden.ts";
import { expectRefusal } from "../../checkpoint/code-of.ts";
import { GOLDEN_NAMES, goldenCaptioner, type GoldenCaptioner, type GoldenName } from "./golden-captioners.ts";
import { featuresOf } from "./place-golden.ts";
import { writeAtOnce, writeOneByOne, type ReadStep } from "./write-words.ts";

const REGROUPED = 1e-5; // the same sums in products of other sizes

/** A state without words for the golden's photos, or for some of them. */
function begin({ decoder, features }: GoldenCaptioner, photos?: readonly number[]): DecoderState {
  const placed = featuresOf(features, photos);
  const state = decoder.start(placed);
  dispose(placed);
  return state;
}

function expectSame(got: readonly ReadStep[], wanted: readonly ReadStep[], tolerance: number): void {
  expect(got).toHaveLength(wanted.length);
  for (const [at, { logits, alphas }] of got.entries()) {
    expect(maxDifference(logits, wanted[at]!.logits), `logits behind word ${at}`).toBeLessThanOrEqual(tolerance);
    expect(maxDifference(alphas, wanted[at]!.alphas), `alphas behind word ${at}`).toBeLessThanOrEqual(tolerance);
  }
}

/** Multiply-adds of every matrix product in one call. */
async function multiplyAdds(call: () => void): Promise<number> {
  const { kernels } = await profile(call);
  const products = kernels.filter(({ name }) => /MatMul$/.test(name));
  const size = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);
  return products.reduce((sum, { inputShapes, outputShapes }) => {
    return sum + inputShapes[0]!.at(-1)! * size(outputShapes[0]!);
  }, 0);
}

/** What holds for every captioner. */
function describeCaptioner(open: () => Promise<GoldenCaptioner>, tolerance: number): void {
  test("logits, and where it looked, are PyTorch's", async () => {
    const golden = await open();
    const run = golden.decoder.run(begin(golden), golden.words);
    const looked = await run.alphas.data<"float32">();
    expect(run.logits.shape).toEqual(golden.logits.shape);
    expect(maxDifference(await run.logits.data(), golden.logits.values)).toBeLessThanOrEqual(tolerance);
    expect(maxDifference(looked, golden.alphas)).toBeLessThanOrEqual(tolerance);
    const positions = run.alphas.shape[2];
    for (let row = 0; row < looked.length; row += positions) {
      const sum = looked.subarray(row, row + positions).reduce((total, weight) => total + weight, 0);
      expect(Math.abs(sum - 1)).toBeLessThanOrEqual(REGROUPED);
    }
    for (const [layer, attention] of (golden.attend?.() ?? []).entries()) {
      const { shape, values } = golden.attentions![layer]!;
      expect(attention.shape).toEqual(shape);
      expect(maxDifference(await attention.data(), values)).toBeLessThanOrEqual(tolerance);
    }
    golden.release();
  });

  test("words one by one, all at once, and first some and then the others give the same", async () => {
    const golden = await open();
    const { decoder, words } = golden;
    const atOnce = await writeAtOnce(decoder, begin(golden), words);
    expectSame(await writeOneByOne(decoder, begin(golden), words), atOnce, REGROUPED);
    const empty = begin(golden);
    const { state } = decoder.run(
      empty,
      words.map((row) => row.slice(0, 2)),
    );
    const others = await writeAtOnce(
      decoder,
      state,
      words.map((row) => row.slice(2)),
    );
    expectSame(others, atOnce.slice(2), REGROUPED);
    golden.release();
  });

  test("rows go on as themselves wherever a reorder puts them, and a state can be gone on from twice", async () => {
    const golden = await open();
    const { decoder, words } = golden;
    const photos = [1, 0, 1, 1];
    const told = photos.map((photo) => words[photo]!);
    const wanted = await writeAtOnce(decoder, begin(golden, photos), told);
    const { state } = decoder.run(
      begin(golden),
      words.map((row) => row.slice(0, 2)),
    );
    const twice = photos.map((photo) => words[photo]!.slice(2));
    for (const time of ["first", "again"]) {
      const spread = decoder.reorder(state, photos);
      expect(spread.photos, time).toEqual(photos);
      expectSame(await writeOneByOne(decoder, spread, twice), wanted.slice(2), REGROUPED);
    }
    const spread = decoder.reorder(state, photos);
    const within = decoder.reorder(spread, [2, 1, 0, 0]); // no row changes its photo
    decoder.release(spread);
    expectSame(await writeAtOnce(decoder, within, twice), wanted.slice(2), REGROUPED);
    golden.release();
  });

  test("a step costs no more as the caption grows, but for the attention to its own words", async () => {
    const golden = await open();
    const { decoder, words } = golden;
    const costs: number[] = [];
    let state = begin(golden);
    for (let at = 0; at < 5; at++) {
      const tokens = words.map((row) => row[0]!);
      costs.push(await multiplyAdds(() => void ({ state } = decoder.step(state, tokens))));
    }
    const growth = costs.slice(1).map((cost, at) => cost - costs[at]!);
    expect(growth).toEqual(growth.map(() => golden.growth));
    golden.release();
  });

  test("100 steps keep no tensor but the last state's, and releasing that leaves none", async () => {
    const golden = await open();
    const { decoder, words } = golden;
    const before = memory().numTensors;
    let state = begin(golden);
    const counts = new Set<number>();
    for (let written = 0; written < 100; written++) {
      if (state.length === 10) {
        decoder.release(state);
        state = begin(golden);
      }
      const step = decoder.step(
        state,
        words.map((row) => row[written % row.length]!),
      );
      const reordered = decoder.reorder(step.state, [1, 0]);
      dispose([step.logits, step.alphas]);
      decoder.release(state);
      decoder.release(step.state);
      state = reordered;
      counts.add(memory().numTensors);
    }
    expect(counts.size).toBe(1);
    decoder.release(state);
    expect(memory().numTensors).toBe(before);
    golden.release();
  });

  test("refuses what does not fit, and leaves nothing behind", async () => {
    const empty = memory().numTensors;
    const golden = await open();
    const { decoder, features } = golden;
    const narrow = featuresOf({ ...features, shape: [2, features.shape[1]! * features.shape[2]!, 1] });
    const state = begin(golden);
    const before = memory().numTensors;
    const last = decoder.vocabularySize - 1;
    const refuse = (call: () => unknown, ...words: string[]) => expectRefusal(call, "invalid-argument", ...words);
    await refuse(() => decoder.step(state, [0, decoder.vocabularySize]), `token ${last + 1}`, `0 to ${last}`);
    await refuse(() => decoder.step(state, [-1, 0]), "token -1");
    await refuse(() => decoder.step(state, [0.5, 0]), "token 0.5");
    await refuse(() => decoder.step(state, [0]), "expected 2 rows");
    await refuse(() => decoder.run(state, [[], []]), "got lengths [0, 0]");
    await refuse(() => decoder.run(state, [[1, 2], [1]]), "got lengths [2, 1]");
    await refuse(() => decoder.reorder(state, []), "0 to 1", "got []");
    await refuse(() => decoder.reorder(state, [0, 2]), "0 to 1", "got [0, 2]");
    if (decoder.maxPositions < Infinity) {
      const long = new Array<number>(decoder.maxPositions + 1).fill(1);
      await refuse(
        () => decoder.run(state, [long, long]),
        `${long.length} tokens`,
        `${decoder.maxPositions} positions`,
      );
    }
    await expectRefusal(() => decoder.start(narrow), "input-shape", `[*, *, ${features.shape[2]!}]`);
    expect(memory().numTensors).toBe(before);
    decoder.release(state);
    narrow.dispose();
    golden.release();
    expect(memory().numTensors).toBe(empty);
  });
}

/** Captioners against PyTorch, and what holds for all of them, on whatever backend is in use. */
export function describeCaptioners(tolerance: number, names: readonly GoldenName[] = GOLDEN_NAMES): void {
  describe.each(names)("%s", (name) => {
    describeCaptioner(() => goldenCaptioner(name), tolerance);
  });
}
