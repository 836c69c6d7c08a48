import { beforeAll, describe, expect, test } from "vitest";
import { createRandom } from "../../../../worker/contract/random.ts";
import { startKernels, type Kernels } from "../../../../worker/kernels/wasm/kernels.ts";
import { LinearMemory } from "../../../../worker/kernels/wasm/linear-memory.ts";
import { maxDifference } from "../../../setup/golden.ts";
import { ONE_THREAD } from "../wasm/builds.ts";

const random = createRandom(6);
const noise = (count: number, size: number): Float32Array =>
  Float32Array.from({ length: count }, () => (2 * random() - 1) * size);

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** softmax(scores) and the values mixed by it, in float64. */
function attend(scores: readonly number[], values: readonly Float32Array[]) {
  const peak = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - peak));
  const sum = powers.reduce((total, power) => total + power, 0);
  const weights = powers.map((power) => power / sum);
  const mixed = Array.from(values[0]!, (_, at) =>
    values.reduce((total, value, place) => total + weights[place]! * value[at]!, 0),
  );
  return { weights, mixed };
}

describe.each(ONE_THREAD)("kernels of decoders in the build $name", ({ module }) => {
  let kernels: Kernels;
  let memory: LinearMemory;
  beforeAll(async () => {
    memory = new LinearMemory(null);
    kernels = await startKernels(module, memory.memory);
  });

  const put = (values: ArrayLike<number>): number => {
    const address = memory.take(values.length * 4);
    memory.floats(address, values.length).set(values);
    return address;
  };
  const read = (address: number, count: number): Float32Array => memory.floats(address, count).slice();

  test.each([1, 30, 1000])("an LSTM's gates are float64's, however far they are open (up to %s)", (size) => {
    const width = 52;
    const [gates, cell] = [noise(4 * width, size), noise(width, 2)];
    const addresses = [put(gates), put(cell), put(noise(width, 9))] as const;
    kernels.passGates(width, ...addresses);
    const after = Array.from(
      cell,
      (kept, at) => sigmoid(gates[width + at]!) * kept + sigmoid(gates[at]!) * Math.tanh(gates[2 * width + at]!),
    );
    const told = after.map((value, at) => sigmoid(gates[3 * width + at]!) * Math.tanh(value));
    expect(maxDifference(read(addresses[1], width), after)).toBeLessThan(5e-7);
    expect(maxDifference(read(addresses[2], width), told)).toBeLessThan(5e-7);
  });

  test("a gate lets in what float64's does, and what is no number stays none", () => {
    const [gate, row] = [noise(20, 40), noise(20, 3)];
    gate[3] = NaN;
    const address = put(row);
    kernels.openGate(20, put(gate), address);
    const got = read(address, 20);
    expect(got[3]).toBeNaN();
    for (const [at, value] of got.entries()) {
      if (at !== 3) expect(value).toBeCloseTo(row[at]! * sigmoid(gate[at]!), 6);
    }
  });

  test.each([
    ["by product", false],
    ["by a learned score", true],
  ])("looking at scattered places %s mixes their values as in float64, head by head", (_, additive) => {
    const [heads, count, keyWidth, valueWidth] = [3, 13, 16, 24];
    const places = Array.from({ length: count }, () => noise(heads * (keyWidth + valueWidth), 1));
    const addresses = places.map(put);
    const table = memory.take(count * 4);
    memory.integers(table, count).set(addresses);
    const [query, score] = [noise(heads * keyWidth, 1), noise(keyWidth, 2)];
    const [weights, mixed] = [put(noise(heads * 16, 1)), put(noise(heads * valueWidth, 1))];
    const learned = additive ? put(score) : 0;
    kernels.lookUp(
      ...([
        heads,
        count,
        table,
        0,
        keyWidth,
        heads * keyWidth * 4,
        valueWidth,
        put(query),
        learned,
        weights,
        mixed,
      ] as const),
    );
    for (let head = 0; head < heads; head++) {
      const first = head * keyWidth;
      const asked = query.subarray(first, first + keyWidth);
      const scores = places.map((place) =>
        asked.reduce((sum, value, at) => {
          const key = place[first + at]!;
          return sum + (additive ? score[at]! * Math.max(key + value, 0) : key * value);
        }, 0),
      );
      const begin = heads * keyWidth + head * valueWidth;
      const wanted = attend(
        scores,
        places.map((place) => place.subarray(begin, begin + valueWidth)),
      );
      expect(maxDifference(read(weights + head * 64, count), wanted.weights)).toBeLessThan(1e-6);
      expect(maxDifference(read(mixed + head * valueWidth * 4, valueWidth), wanted.mixed)).toBeLessThan(1e-6);
    }
  });
});
