import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRandom } from "../../../worker/contract/random.ts";
import { fitHead } from "../../../worker/training/fit-head.ts";
import { minimise } from "../../../worker/training/minimise.ts";

const pause = () => Promise.resolve();

/** Points around a centre of their class's, which overlap. */
function scattered(seed: number, counts: readonly number[], D: number) {
  const random = createRandom(seed);
  const near = (): number => random() + random() + random() - 1.5;
  const centres = counts.map(() => Float64Array.from({ length: D }, near));
  const classOf = counts.flatMap((count, index) => Array.from({ length: count }, () => index));
  const features = classOf.map((index) => Float32Array.from(centres[index]!, (c, d) => 5 * d + (d + 1) * (c + near())));
  return { features, labelling: { labels: counts.map((_, index) => `class ${index}`), classOf } };
}

type Data = ReturnType<typeof scattered>;

/** The loss as a textbook writes it: balanced cross-entropy and ½ · 0.1 · the squared weights of standardised features. */
function lossOf(
  { features, labelling }: Data,
  weight: readonly (readonly number[])[],
  bias: readonly number[],
): number {
  const n = features.length;
  const D = features[0]!.length;
  const column = (d: number) => features.map((row) => row[d]!);
  const means = Array.from({ length: D }, (_, d) => column(d).reduce((a, b) => a + b) / n);
  const variances = means.map((mean, d) => column(d).reduce((sum, x) => sum + (x - mean) ** 2, 0) / n);
  const entropies = labelling.labels.map((_, wanted) => {
    const own = features.filter((_, at) => labelling.classOf[at] === wanted);
    const each = own.map((row) => {
      const logits = weight.map((w, label) => bias[label]! + w.reduce((sum, x, d) => sum + x * row[d]!, 0));
      return Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - logits[wanted]!), 0));
    });
    return each.reduce((a, b) => a + b) / own.length;
  });
  const decay = weight.flatMap((w) => w.map((x, d) => x ** 2 * variances[d]!)).reduce((a, b) => a + b);
  return entropies.reduce((a, b) => a + b) / entropies.length + 0.05 * decay;
}

describe("fitHead", () => {
  test("no head near it has a smaller loss", { timeout: 60_000 }, async () => {
    for (const [seed, counts, D] of [
      [1, [6, 9], 2],
      [2, [12, 3, 7], 5],
      [3, [1, 2, 1, 4], 12],
    ] as const) {
      const data = scattered(seed, counts, D);
      const { weight, bias } = await fitHead(data.features, data.labelling, pause);
      const least = lossOf(data, weight, bias);
      const random = createRandom(seed + 10);
      for (let trial = 0; trial < 50; trial++) {
        const shift = () => (random() - 0.5) * 0.02;
        const [near, beside] = [weight.map((row) => row.map((x) => x + shift())), bias.map((x) => x + shift())];
        expect(lossOf(data, near, beside)).toBeGreaterThan(least - 1e-9);
      }
    }
  });

  test("weighs classes alike, however many pictures they have", async () => {
    const { features, labelling } = scattered(4, [5, 5], 3);
    const twice = [...features, ...features.slice(5)]; // all of the second class again
    const once = await fitHead(
      [...features, ...features],
      { ...labelling, classOf: [...labelling.classOf, ...labelling.classOf] },
      pause,
    );
    const lopsided = await fitHead(twice, { ...labelling, classOf: [...labelling.classOf, 1, 1, 1, 1, 1] }, pause);
    const tilt = ({ weight, bias }: typeof once, row: Float32Array): number =>
      Math.sign(bias[1]! - bias[0]! + weight[1]!.reduce((sum, w, d) => sum + (w - weight[0]![d]!) * row[d]!, 0));
    expect(features.map((row) => tilt(lopsided, row))).toEqual(features.map((row) => tilt(once, row)));
  });

  test("a feature that never changes says nothing", async () => {
    const { features, labelling } = scattered(5, [4, 4], 2);
    const more = features.map((row) => Float32Array.of(...row, 7));
    const head = await fitHead(more, labelling, pause);
    expect(head.weight.map((row) => row[2])).toEqual([0, 0]);
    const without = await fitHead(features, labelling, pause);
    head.bias.forEach((value, label) => expect(value).toBeCloseTo(without.bias[label]!, 6));
  });

  test.each([3, 5, 6, 10])("nor does one whose mean is rounded, of %i pictures each", async (count) => {
    const { features, labelling } = scattered(9, [count, count, count], 4);
    const constants = [0.1, 1e-8, -3e5];
    const more = features.map((row) => Float32Array.of(...row, ...constants));
    const head = await fitHead(more, labelling, pause);
    for (const row of head.weight) expect(row.slice(-constants.length)).toEqual([0, 0, 0]);
  });

  test("and one that changes by little beside its size counts as any other", async () => {
    const { features, labelling } = scattered(10, [6, 6], 2);
    const far = features.map((row) => row.map((x) => x + 2 ** 13));
    const [near, moved] = [await fitHead(features, labelling, pause), await fitHead(far, labelling, pause)];
    moved.weight.flat().forEach((value, at) => expect(value).toBeCloseTo(near.weight.flat()[at]!, 2));
  });

  test("tells how many are named rightly by heads that have not seen them", async () => {
    const { features, labelling } = scattered(6, [4, 4], 2); // as many parts as a class has pictures
    let right = 0;
    for (let aside = 0; aside < 4; aside++) {
      const seen = features.map((_, at) => at).filter((at) => at % 4 !== aside);
      const part = { labels: labelling.labels, classOf: seen.map((at) => labelling.classOf[at]!) };
      const { weight, bias } = await fitHead(
        seen.map((at) => features[at]!),
        part,
        pause,
      );
      for (const at of [aside, aside + 4]) {
        const [a, b] = weight.map((w, label) => w.reduce((sum, x, d) => sum + x * features[at]![d]!, bias[label]!));
        right += Number((b! > a! ? 1 : 0) === labelling.classOf[at]);
      }
    }
    expect((await fitHead(features, labelling, pause)).rightWhenHeldAside).toBe(right / 8);
    const few = scattered(7, [3, 1], 2);
    expect((await fitHead(few.features, few.labelling, pause)).rightWhenHeldAside).toBeNull();
  });

  test("stops where it is told to", async () => {
    const { features, labelling } = scattered(8, [4, 4], 3);
    await expect(fitHead(features, labelling, () => Promise.reject(new Error("enough")))).rejects.toThrow("enough");
  });
});

test("minimise finds the one minimum of any positive definite quadratic", async () => {
  const number = fc.double({ min: -5, max: 5, noNaN: true });
  const size = 6;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: size, maxLength: size }),
      fc.array(number, { minLength: size, maxLength: size }),
      async (steepness, centre) => {
        const x = await minimise(
          (at, gradient) => {
            let value = 0;
            for (const [i, steep] of steepness.entries()) {
              gradient[i] = steep * (at[i]! - centre[i]!);
              value += (steep / 2) * (at[i]! - centre[i]!) ** 2;
            }
            return value;
          },
          new Float64Array(size),
          1e-9,
          pause,
        );
        centre.forEach((wanted, i) => expect(x[i]).toBeCloseTo(wanted, 5));
      },
    ),
    { numRuns: 100 },
  );
});
