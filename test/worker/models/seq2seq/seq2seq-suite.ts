import { dispose, memory } from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { sinusoidalPositions } from "../../../../worker/layers/sinusoidal-positions.ts";
import { readSources, recurrentModel, writeWords } from "../../../../worker/models/seq2seq/run-recurrent.ts";
import { encodeSources, transformerModel } from "../../../../worker/models/seq2seq/run-transformer.ts";
import type { Rows, SequenceModel } from "../../../../worker/models/seq2seq/sequence-model.ts";
import { writeGreedily } from "../../../../worker/models/seq2seq/write-greedily.ts";
import { maxDifference } from "../../../setup/golden.ts";
import { ATTENTIONS, goldenRecurrent, goldenTransformer, rowsOf, TRANSFORMER } from "./golden-seq2seq.ts";

const positions = sinusoidalPositions(TRANSFORMER.maxPositions, TRANSFORMER.hiddenSize);
const SOURCES = [
  [0, 1, 2, 3, 4, 5],
  [6, 7, 8, 9],
]; // the golden's vectors, the second row without its padding
const WORDS = [
  [0, 1, 2, 3, 4],
  [5, 6, 7, 8, 9],
];

/** What a model says after each word, told all words at once and one by one. */
async function tellBothWays<State>(
  model: SequenceModel<State>,
  sources: Rows,
  words: Rows,
): Promise<[number[][][], number[][][]]> {
  const start = model.read(sources);
  const whole = model.write(start, words);
  const stepped: number[][][] = words.map(() => []);
  let state = start;
  for (const at of words[0]!.keys()) {
    const told = model.write(
      state,
      words.map((row) => [row[at]!]),
    );
    for (const [row, [logits]] of (await told.logits.array()).entries()) stepped[row]!.push(logits!);
    dispose([told.logits, ...(told.weights ? [told.weights] : [])]);
    model.release(state);
    state = told.state;
  }
  const all = await whole.logits.array();
  model.release(state);
  model.release(whole.state);
  dispose([whole.logits, ...(whole.weights ? [whole.weights] : [])]);
  return [all, stepped];
}

/** Greedy words by writing the whole sentence anew for each. */
async function writeUncached<State>(model: SequenceModel<State>, sources: Rows, longest: number): Promise<number[][]> {
  let words = sources.map(() => [model.languages.startToken]);
  for (let written = 0; written < longest; written++) {
    const start = model.read(sources);
    const { logits, weights, state } = model.write(start, words);
    const last = (await logits.array()).map((row) => row.at(-1));
    words = words.map((row, at) => [...row, last[at]!.indexOf(Math.max(...last[at]!))]);
    model.release(start);
    model.release(state);
    dispose([logits, ...(weights ? [weights] : [])]);
  }
  return words.map((row) => {
    const end = row.indexOf(model.languages.endToken);
    return row.slice(1, end < 0 ? undefined : end);
  });
}

async function openRecurrent(attention: (typeof ATTENTIONS)[number]) {
  const { golden, model } = await goldenRecurrent(attention);
  const sources = rowsOf(golden.get("sources")!, golden.get("lengths")!.values);
  return { golden, recurrent: model, model: recurrentModel(model), sources, words: rowsOf(golden.get("words")!) };
}

async function openTransformer() {
  const { model } = await goldenTransformer(positions);
  return { model: transformerModel(model), sources: SOURCES, words: WORDS };
}

/** What holds for a model of sequences, whatever it is made of. */
function describeOne(
  open: () => Promise<{ model: SequenceModel<unknown>; sources: Rows; words: Rows }>,
  tolerance: number,
): void {
  test("words told at once and one by one come to the same, and nothing is left behind", async () => {
    const { model, sources, words } = await open();
    const before = memory().numTensors;
    const [whole, stepped] = await tellBothWays(model, sources, words);
    expect(memory().numTensors).toBe(before);
    expect(maxDifference(stepped.flat(2), whole.flat(2))).toBeLessThanOrEqual(tolerance);
  });

  test("greedy words are those of a decoder without a cache, and nothing but the weights is left behind", async () => {
    const { model, sources } = await open();
    const before = memory().numTensors;
    const { words, weights } = await writeGreedily(model, sources, 6);
    expect(memory().numTensors - before).toBe(weights ? 1 : 0);
    expect(words).toEqual(await writeUncached(model, sources, 6));
    const rows = await weights?.array();
    for (const sum of rows?.flat().map((row) => row.reduce((total, weight) => total + weight, 0)) ?? []) {
      expect(Math.abs(sum - 1)).toBeLessThanOrEqual(1e-5);
    }
  });

  test("a row answers the same alone as beside a longer one", async () => {
    const { model, sources, words } = await open();
    const shortest = sources.reduce((best, { length }, row) => (length < sources[best]!.length ? row : best), 0);
    const [together] = await tellBothWays(model, sources, words);
    const [alone] = await tellBothWays(model, [sources[shortest]!], [words[shortest]!]);
    expect(maxDifference(alone.flat(2), together[shortest]!.flat())).toBeLessThanOrEqual(tolerance);
  });

  test("refuses what does not fit, and leaves nothing behind", async () => {
    const { model, sources } = await open();
    const before = memory().numTensors;
    expect(() => model.read([])).toThrow("expected one token or more a row, got lengths []");
    expect(() => model.read([[1], []])).toThrow("got lengths [1, 0]");
    expect(() => model.read([[model.languages.sourceSize]])).toThrow(`0 to ${model.languages.sourceSize - 1}`);
    const state = model.read(sources);
    expect(() => model.write(state, [[1]])).toThrow(`expected ${sources.length} rows`);
    model.release(state);
    expect(memory().numTensors).toBe(before);
  });

  test("stops where the pause throws, and leaves nothing behind", async () => {
    const { model, sources } = await open();
    const before = memory().numTensors;
    const stop = () => Promise.reject(new Error("enough"));
    await expect(writeGreedily(model, sources, 6, stop)).rejects.toThrow("enough");
    expect(memory().numTensors).toBe(before);
  });
}

/** Models of sequences against PyTorch, on whatever backend is in use. */
export function describeGoldens(
  tolerance: number,
  attentions: readonly (typeof ATTENTIONS)[number][] = ATTENTIONS,
): void {
  describe.each(attentions)("encoder and decoder LSTM, attention %s", (attention) => {
    const open = () => openRecurrent(attention);

    test("teacher forcing gives PyTorch's logits, weights and contexts", async () => {
      const { golden, recurrent, sources, words } = await open();
      const reading = readSources(recurrent, sources);
      for (const [layer, { hidden, cell }] of reading.states.entries()) {
        for (const [name, state] of [
          ["hidden", hidden],
          ["cell", cell!],
        ] as const) {
          const wanted = golden.get(name)!.values.subarray(layer * state.size, (layer + 1) * state.size);
          expect(maxDifference(await state.data(), wanted)).toBeLessThanOrEqual(tolerance);
        }
      }
      const { logits, weights, contexts } = writeWords(recurrent, reading, words);
      expect(maxDifference(await logits.data(), golden.get("logits")!.values)).toBeLessThanOrEqual(tolerance);
      for (const [name, got] of [
        ["weights", weights],
        ["contexts", contexts],
      ] as const) {
        const wanted = golden.get(name);
        expect(got === null).toBe(wanted === undefined);
        if (got && wanted) expect(maxDifference(await got.data(), wanted.values)).toBeLessThanOrEqual(tolerance);
      }
    });
  });

  describe("Transformer", () => {
    test.each([
      ["without padding", "output", [SOURCES[0]!, [6, 7, 8, 9, 10, 11]]],
      ["with padding", "output_with_padding", SOURCES],
    ])("%s, it is PyTorch's", async (_, name, sources) => {
      const { golden, model } = await goldenTransformer(positions);
      const driven = transformerModel(model);
      const { logits } = driven.write(driven.read(sources), WORDS);
      expect(maxDifference(await logits.data(), golden.get(name)!.values)).toBeLessThanOrEqual(tolerance);
    });

    test("tells where each block of the encoder looked, and never at padding", async () => {
      const { model } = await goldenTransformer(positions);
      const { attentions } = encodeSources(model, SOURCES);
      expect(attentions.map(({ shape }) => shape)).toEqual([
        [2, 4, 6, 6],
        [2, 4, 6, 6],
      ]);
      for (const attention of attentions) {
        const rows = (await attention.array())[1]!.flat();
        expect(rows.every((row) => row[4] === 0 && row[5] === 0)).toBe(true);
      }
    });

    test("refuses a source of more tokens than it has positions", async () => {
      const { model } = await openTransformer();
      expect(() => model.read([new Array<number>(9).fill(1)])).toThrow(
        "source of 9 tokens: this model has 8 positions",
      );
    });
  });
}

/** What holds for all models of sequences, on whatever backend is in use. */
export function describeDecoding(tolerance: number): void {
  describe.each(ATTENTIONS)("encoder and decoder LSTM, attention %s", (attention) => {
    describeOne(() => openRecurrent(attention), tolerance);
  });
  describe("Transformer", () => {
    describeOne(openTransformer, tolerance);
  });
}
