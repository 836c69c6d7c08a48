import {
  add,
  concat,
  memory,
  mul,
  pad,
  reshape,
  slice,
  split,
  sub,
  sum,
  tensor4d,
  tidy,
  type Tensor2D,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import {
  measureFaithfulness,
  type FaithfulnessRequest,
} from "../../../../worker/explain/faithfulness/measure-faithfulness.ts";
import { cpuBackend } from "../../../../worker/runtime/backends/cpu.ts";
import { maxDifference } from "../../../setup/golden.ts";
import { expectRefusal } from "../../checkpoint/code-of.ts";

const [HEIGHT, WIDTH] = [4, 6];
const GRID = { width: 3, height: 2 }; // cells of 2 × 2 pixels

/** One channel: every pixel of a cell has the cell's number, 1 … 6; the mean is 3.5. */
const cellAt = (y: number, x: number): number => Math.floor(y / 2) * GRID.width + Math.floor(x / 2);
const image = (): Tensor4D =>
  tensor4d(
    Float32Array.from({ length: HEIGHT * WIDTH }, (_, at) => 1 + cellAt(Math.floor(at / WIDTH), at % WIDTH)),
    [1, HEIGHT, WIDTH, 1],
  );

/** Logits 0 and a hundredth of the sum of squares of all pixels. */
const classify = (images: Tensor4D): Promise<Tensor2D> =>
  Promise.resolve(
    tidy(() => {
      const squares = reshape(mul(sum(mul(images, images), [1, 2, 3]), 0.01), [-1, 1]);
      return concat([sub(squares, squares), squares], 1) as Tensor2D;
    }),
  );

/** What the classifier says where some cells hold 3.5. */
function expectedCurve(order: readonly number[], steps: number, deletes: boolean) {
  const counts = Array.from({ length: steps + 1 }, (_, step) => Math.round((step * 6) / steps));
  const probabilities = counts.map((count) => {
    const away = new Set(deletes ? order.slice(0, count) : order.slice(count));
    const squares = [0, 1, 2, 3, 4, 5].reduce((total, cell) => total + 4 * (away.has(cell) ? 3.5 : 1 + cell) ** 2, 0);
    return 1 / (1 + Math.exp(-0.01 * squares));
  });
  const area = probabilities
    .slice(1)
    .reduce(
      (total, value, at) => total + ((value + probabilities[at]!) / 2) * ((counts[at + 1]! - counts[at]!) / 6),
      0,
    );
  return { fractions: counts.map((count) => count / 6), probabilities, area };
}

describe("deletion and insertion", () => {
  beforeAll(async () => {
    await cpuBackend.start(() => undefined);
  });

  const map = { grid: GRID, values: Float32Array.of(0.2, 0.9, 0.2, 0.1, 0.5, 0.4) };
  const order = [1, 4, 5, 0, 2, 3]; // highest first, the first of equals first
  const request = (more: Partial<FaithfulnessRequest> = {}): FaithfulnessRequest => ({
    map,
    target: 1,
    baseline: "mean",
    ...more,
  });

  test.each([
    [6, 1],
    [6, 4],
    [3, 8],
    [100, 3],
  ])("%d steps in batches of %d are those taken one by one", async (steps, batch) => {
    const input = image();
    const before = memory().numTensors;
    const told: number[][] = [];
    const onProgress = (done: number, total: number) => void told.push([done, total]);
    const curves = await measureFaithfulness(classify, input, request({ steps, batch }), { onProgress });
    expect(memory().numTensors).toBe(before);
    const used = Math.min(steps, 6);
    for (const [curve, deletes] of [
      [curves.deletion, true],
      [curves.insertion, false],
    ] as const) {
      const wanted = expectedCurve(order, used, deletes);
      expect(maxDifference(curve.fractions, wanted.fractions)).toBeLessThan(1e-6);
      expect(maxDifference(curve.probabilities, wanted.probabilities)).toBeLessThan(1e-5);
      expect(curve.area).toBeCloseTo(wanted.area, 5);
    }
    expect(told.at(-1)).toEqual([2 * (used + 1), 2 * (used + 1)]);
    expect(told).toHaveLength(2 * Math.ceil((used + 1) / batch));
  });

  test("a class that excludes no other is followed by its own logit", async () => {
    const alone = async (images: Tensor4D): Promise<Tensor2D> => {
      const [first, logit] = split(await classify(images), 2, 1) as [Tensor2D, Tensor2D];
      return concat([add(first, 100), logit], 1); // the other class, however likely, takes nothing away
    };
    const curves = await measureFaithfulness(alone, image(), request({ scoring: "sigmoid" }));
    expect(maxDifference(curves.deletion.probabilities, expectedCurve(order, 6, true).probabilities)).toBeLessThan(
      1e-5,
    );
  });

  test("a map of the image's own size takes pixels", async () => {
    const values = Float32Array.from({ length: HEIGHT * WIDTH }, (_, at) => -at); // row by row
    const pixels = { grid: { width: WIDTH, height: HEIGHT }, values };
    const rows = await measureFaithfulness(classify, image(), request({ map: pixels, steps: 4 }));
    const squares = (gone: number) =>
      [0, 1, 2, 3].reduce((total, y) => {
        const row = [0, 1, 2, 3, 4, 5].map((x) => (y < gone ? 3.5 : 1 + cellAt(y, x)) ** 2);
        return total + row.reduce((sum, value) => sum + value, 0);
      }, 0);
    const wanted = [0, 1, 2, 3, 4].map((gone) => 1 / (1 + Math.exp(-0.01 * squares(gone))));
    expect(maxDifference(rows.deletion.probabilities, wanted)).toBeLessThan(1e-5);
  });

  test("what lies behind the grid goes with its last cells", async () => {
    const none: [number, number] = [0, 0];
    const behind: [number, number] = [0, 1];
    const wider = tidy(() => pad<Tensor4D>(image(), [none, behind, behind, none], 3.5)); // the mean stays
    const gridSpan = { width: WIDTH, height: HEIGHT };
    const within = (images: Tensor4D): Promise<Tensor2D> =>
      classify(tidy(() => slice(images, [0, 0, 0, 0], [-1, HEIGHT, WIDTH, 1])));
    const curves = await measureFaithfulness(within, wider, request({ gridSpan }));
    const wanted = expectedCurve(order, 6, true);
    expect(maxDifference(curves.deletion.probabilities, wanted.probabilities)).toBeLessThan(1e-5);
  });

  test("the blurred picture has the same mean colour as an even one, no darker edges, and less contrast", async () => {
    const seen: number[][] = [];
    const watch = async (images: Tensor4D): Promise<Tensor2D> => {
      seen.push([...(await images.data())]);
      return classify(images);
    };
    const even = tidy(() => add<Tensor4D>(mul(image(), 0), 2));
    await measureFaithfulness(watch, even, request({ baseline: "blur", steps: 1, batch: 1 }));
    expect(maxDifference(seen[1]!, new Array<number>(24).fill(2))).toBeLessThan(1e-5);
    seen.length = 0;
    const edge = tensor4d(
      Float32Array.from({ length: 28 * 28 }, (_, at) => Number(at % 28 < 14)),
      [1, 28, 28, 1],
    );
    const across = { grid: { width: 1, height: 1 }, values: Float32Array.of(1) };
    await measureFaithfulness(watch, edge, request({ map: across, baseline: "blur", steps: 1, batch: 1 }));
    const normal = (x: number) => Math.exp((-x * x) / (2 * 2 * 2)); // two pixels: a fourteenth of the side
    const wanted = Array.from({ length: 28 }, (_, x) => {
      const weights = Array.from({ length: 28 }, (_unused, from) => normal(x - from));
      const all = weights.reduce((total, weight) => total + weight, 0);
      return weights.slice(0, 14).reduce((total, weight) => total + weight, 0) / all;
    });
    expect(maxDifference(seen[1]!.slice(28 * 9, 28 * 10), wanted)).toBeLessThan(1e-5);
  });

  test("it can be stopped before any batch, and leaves no tensor behind", async () => {
    const input = image();
    const before = memory().numTensors;
    for (let stop = 1; stop <= 4; stop++) {
      let left = stop;
      const pause = () => (--left === 0 ? Promise.reject(new Error("stop")) : Promise.resolve());
      const run = measureFaithfulness(classify, input, request({ steps: 6, batch: 4 }), { pause });
      await expect(run).rejects.toThrow("stop");
    }
    const ask = (more: object) => () => measureFaithfulness(classify, input, request(more));
    await expectRefusal(ask({ target: 2 }), "invalid-argument", "0 to 1", "2");
    await expectRefusal(ask({ steps: 0 }), "invalid-argument", "steps", "0");
    await expectRefusal(ask({ batch: 1.5 }), "invalid-argument", "batch", "1.5");
    await expectRefusal(ask({ map: { grid: GRID, values: new Float32Array(5) } }), "invalid-argument", "2 × 3", "5");
    expect(memory().numTensors).toBe(before);
  });
});
