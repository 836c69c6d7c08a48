import { dispose, memory, variableGrads } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { nodeBackends } from "../../../../src/node/backends.ts";
import { createRandom } from "../../../../worker/contract/random.ts";
import { registerGradients } from "../../../../worker/kernels/gradients.ts";
import { END, START } from "../../../../worker/training/sequences/alphabet.ts";
import { answerAll, exactMatch, exactMatchByLength } from "../../../../worker/training/sequences/answer.ts";
import { initialSequences } from "../../../../worker/training/sequences/initial-sequences.ts";
import type { SequenceConfig } from "../../../../worker/training/sequences/sequence-config.ts";
import { trainSequences, type SequenceRecipe } from "../../../../worker/training/sequences/train-sequences.ts";
import { trainableSequences } from "../../../../worker/training/sequences/trainable-sequences.ts";
import { reversalTask } from "../../../../worker/training/sequences/word-task.ts";
import { goldenTensors, maxDifference } from "../../../setup/golden.ts";
import { ATTENTIONS, recurrentConfig, rowsOf } from "../../models/seq2seq/golden-seq2seq.ts";

const task = reversalTask(1, 3, 40);
const languages = { sourceSize: task.source.size, targetSize: task.target.size, startToken: START, endToken: END };

const CONFIGS: Record<SequenceConfig["kind"], SequenceConfig> = {
  recurrent: { kind: "recurrent", ...languages, embeddingSize: 8, hiddenSize: 12, layers: 1, attention: "dot" },
  transformer: {
    kind: "transformer",
    ...languages,
    hiddenSize: 8,
    layers: 1,
    heads: 2,
    intermediateSize: 8,
    maxPositions: 5,
    layerNormEpsilon: 1e-5,
  },
};

const RECIPE: SequenceRecipe = {
  updates: 6,
  batch: 8,
  rate: 0.01,
  schedule: { kind: "constant" },
  clip: 1,
  dropout: 0,
  seed: 3,
};

const pause = (): Promise<void> => Promise.resolve();

function create(kind: SequenceConfig["kind"]) {
  const values = initialSequences(CONFIGS[kind], createRandom(2));
  return trainableSequences(CONFIGS[kind], (name) => values.get(name)!);
}

/** The losses of a run, and what it leaves of the model. */
async function learn(kind: SequenceConfig["kind"], recipe: SequenceRecipe): Promise<number[]> {
  const model = create(kind);
  const losses: number[] = [];
  await trainSequences({ model, task, recipe, pause, tell: ({ loss }) => losses.push(loss) });
  model.dispose();
  return losses;
}

beforeAll(async () => {
  await nodeBackends[0]!.start(() => undefined);
  registerGradients();
});

test.each(ATTENTIONS)("attention %s: loss and the gradient of every parameter are PyTorch's", async (attention) => {
  const golden = await goldenTensors(`seq2seq/recurrent-${attention}.safetensors`);
  const config: SequenceConfig = { kind: "recurrent", ...recurrentConfig(attention) };
  const model = trainableSequences(config, (name) => golden.get(`weights.${name}`)!.values);
  const batch = {
    sources: rowsOf(golden.get("sources")!, golden.get("lengths")!.values),
    given: rowsOf(golden.get("words")!),
    wanted: rowsOf(golden.get("wanted")!),
  };
  const { value, grads } = variableGrads(() => model.loss(batch, null), [...model.parameters.values()]);
  expect(maxDifference(await value.data(), golden.get("loss")!.values)).toBeLessThanOrEqual(1e-5);
  for (const [name, { name: key }] of model.parameters) {
    expect(maxDifference(await grads[key]!.data(), golden.get(`gradients.${name}`)!.values), name).toBeLessThanOrEqual(
      1e-5,
    );
  }
  dispose([value, ...Object.values(grads)]);
  model.dispose();
});

describe.each(["recurrent", "transformer"] as const)("a %s model", (kind) => {
  test("starts near the loss of a blind guess and learns", async () => {
    const losses = await learn(kind, { ...RECIPE, updates: 40, batch: 16 });
    expect(Math.abs(losses[0]! - Math.log(languages.targetSize))).toBeLessThan(0.6);
    expect(losses.at(-1)).toBeLessThan(losses[0]! - 0.4);
  });

  test("the same seed gives the same numbers, another one others; so with dropout", async () => {
    const plain = await learn(kind, RECIPE);
    expect(await learn(kind, RECIPE)).toEqual(plain);
    expect(await learn(kind, { ...RECIPE, seed: 4 })).not.toEqual(plain);
    const dropped = await learn(kind, { ...RECIPE, dropout: 0.3 });
    expect(dropped).not.toEqual(plain);
    expect(await learn(kind, { ...RECIPE, dropout: 0.3 })).toEqual(dropped);
  });

  test("stops after the update in which the pause throws; the model stays usable, and nothing else stays", async () => {
    const before = memory().numTensors;
    const model = create(kind);
    const held = memory().numTensors;
    let updates = 0;
    const stopped = trainSequences({
      model,
      task,
      recipe: RECIPE,
      pause: () => (updates === 3 ? Promise.reject(new Error("enough")) : Promise.resolve()),
      tell: ({ update, of }) => {
        updates = update;
        expect(of).toBe(6);
      },
    });
    await expect(stopped).rejects.toThrow("enough");
    expect(updates).toBe(3);
    expect(memory().numTensors).toBe(held);
    const answers = await answerAll(model, task, task.heldOut, pause);
    expect(answers.map(({ source }) => source)).toEqual(task.heldOut.map(({ source }) => source));
    expect(memory().numTensors).toBe(held);
    model.dispose();
    expect(memory().numTensors).toBe(before);
  });

  test("a rate that is far too high is told as such", async () => {
    const before = memory().numTensors;
    const running = learn(kind, { ...RECIPE, updates: 60, rate: 1e38 });
    await expect(running).rejects.toMatchObject({ code: "training-diverged" });
    expect(memory().numTensors).toBeGreaterThanOrEqual(before);
  });
});

test("exact match counts whole answers, by the length of what was read", () => {
  const answers = [
    { source: "abc", target: "cba", written: "cba" },
    { source: "abcd", target: "dcba", written: "dcb" },
    { source: "xyz", target: "zyx", written: "zyy" },
    { source: "ab", target: "ba", written: "ba" },
  ];
  expect(exactMatch(answers)).toBe(0.5);
  expect(exactMatchByLength(answers)).toEqual([
    { length: 2, count: 1, share: 1 },
    { length: 3, count: 2, share: 0.5 },
    { length: 4, count: 1, share: 0 },
  ]);
});
