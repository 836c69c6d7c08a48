import { argMax, memory } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { nodeBackends } from "../../../src/node/backends.ts";
import { createRandom } from "../../../worker/contract/random.ts";
import type { Adaptation } from "../../../worker/training/anatomy.ts";
import { initialAttentionCnn } from "../../../worker/training/attention-cnn/initial-attention-cnn.ts";
import { evaluate } from "../../../worker/training/evaluate.ts";
import { LEARNING_DEFAULTS, type LearningRecipe } from "../../../worker/training/recipe.ts";
import { pictureLesson } from "../../../worker/training/picture-lesson.ts";
import type { RunState } from "../../../worker/training/run-state.ts";
import { train, type Training, type TrainingEvent, type Trained } from "../../../worker/training/train.ts";
import { EVALUATION, type TrainableModel } from "../../../worker/training/trainable-model.ts";
import { initialVit } from "../../../worker/training/vit/initial-vit.ts";
import { trainableVit } from "../../../worker/training/vit/trainable-vit.ts";
import { placeBatch } from "../../../worker/training/place-batch.ts";
import { maxDifference } from "../../setup/golden.ts";
import { pause, tinyBatch, tinyData } from "./tiny-data.ts";
import { placeTiny, TINY_CNN, TINY_VIT, tinyConfig, type TinyKind } from "./tiny-models.ts";

const QUICK: LearningRecipe = { ...LEARNING_DEFAULTS, epochs: 3, rate: 0.01, schedule: { kind: "cosine", warmup: 2 } };

function fresh(kind: TinyKind, adaptation: Adaptation = { kind: "all" }): TrainableModel {
  const random = createRandom(5);
  const values = kind === "vit" ? initialVit(TINY_VIT, random) : initialAttentionCnn(TINY_CNN, random);
  return placeTiny(kind, (name) => values.get(name)!, adaptation);
}

type Course = {
  readonly events: TrainingEvent[];
  readonly trained: Trained;
  readonly parameters: Map<string, Float32Array>;
};

type More = Partial<Training> & { readonly adaptation?: Adaptation | undefined; readonly model?: TrainableModel };

/** Trains a new model, or goes on; the model is disposed. */
async function course(
  kind: TinyKind,
  recipe: LearningRecipe,
  { adaptation, model = fresh(kind, adaptation), ...more }: More = {},
): Promise<Course> {
  const events: TrainingEvent[] = [];
  const trained = await train({
    lesson: pictureLesson(model, recipe),
    data: tinyData(tinyConfig[kind].imageSize),
    recipe,
    saved: null,
    pause,
    ...more,
    tell: async (event, capture) => {
      events.push(event);
      await more.tell?.(event, capture);
    },
  });
  const parameters = await model.read();
  model.dispose();
  return { events, trained, parameters };
}

/** What a run that is ended after `events` events has saved, and told. */
async function endedAfter(
  count: number,
  kind: TinyKind,
  recipe: LearningRecipe,
  adaptation?: Adaptation,
): Promise<{ state: RunState; events: TrainingEvent[] }> {
  const events: TrainingEvent[] = [];
  let state: RunState | undefined;
  const tell: Training["tell"] = async (event, capture) => {
    if (events.push(event) < count) return;
    state = await capture();
    throw new Error("killed");
  };
  await expect(course(kind, recipe, { tell, ...(adaptation && { adaptation }) })).rejects.toThrow("killed");
  return { state: state!, events };
}

describe.each(nodeBackends)("training on $name", (driver) => {
  beforeAll(async () => {
    await driver.start(() => undefined);
  });

  const noisy = { dropout: 0.1, attentionDropout: 0.1, dropPath: 0.2 };
  const CASES: [string, TinyKind, LearningRecipe, Adaptation][] = [
    ["AdamW, average, dropout", "vit", { ...QUICK, average: 0.9, regularisation: noisy }, { kind: "all" }],
    ["LoRA, accumulation", "vit", { ...QUICK, accumulate: 2, clip: null }, { kind: "lora", rank: 2, alpha: 4 }],
    [
      "momentum, statistics, average, accumulation",
      "cnn",
      {
        ...QUICK,
        optimiser: { kind: "sgd", momentum: 0.9, nesterov: true },
        average: 0.9,
        accumulate: 2,
        regularisation: noisy,
      },
      { kind: "all" },
    ],
    [
      "Adam, one-cycle",
      "cnn",
      { ...QUICK, optimiser: { kind: "adam", betas: [0.9, 0.99] }, schedule: { kind: "one-cycle", rise: 0.3 } },
      { kind: "last-blocks", blocks: 1 },
    ],
  ];

  test.each(CASES)(
    "%s: a run that was stopped anywhere goes on to the same bits",
    async (_, kind, recipe, adaptation) => {
      const whole = await course(kind, recipe, { adaptation });
      const perEpoch = Math.ceil(3 / recipe.accumulate);
      // Between the second epoch's last update and its end; in the third.
      for (const count of [2 * perEpoch + 1, 2 * perEpoch + 3]) {
        const { state, events } = await endedAfter(count, kind, recipe, adaptation);
        const rest = await course(kind, recipe, { adaptation, saved: state });
        expect([...events, ...rest.events]).toEqual(whole.events);
        expect(rest.parameters).toEqual(whole.parameters);
        expect(rest.trained).toEqual(whole.trained);
      }
    },
  );

  test("leaves as many tensors after its last update as after its first", async () => {
    const counts: number[] = [];
    const tell = (): Promise<void> => Promise.resolve(void counts.push(memory().numTensors));
    const before = memory().numTensors;
    await course("vit", { ...QUICK, epochs: 4, average: 0.9, regularisation: noisy }, { tell });
    await course("cnn", { ...QUICK, epochs: 4, average: 0.9, regularisation: noisy }, { tell });
    expect(new Set(counts.slice(0, 16)).size).toBe(1);
    expect(new Set(counts.slice(16)).size).toBe(1);
    expect(memory().numTensors).toBe(before);
  });
});

describe("training", () => {
  beforeAll(async () => {
    await nodeBackends.find(({ name }) => name === "wasm")!.start(() => undefined);
  });

  test("learns what can be seen, and leaves the best epoch in the model", async () => {
    const model = fresh("vit");
    const { trained, events } = await course(
      "vit",
      { ...QUICK, epochs: 12 },
      { model: { ...model, dispose: () => undefined } },
    );
    const epochs = events.filter((event) => event.kind === "epoch");
    expect(epochs).toHaveLength(12);
    const tops = epochs.map(({ validation }) => validation!.top1);
    expect(trained.best!.validation.top1).toBe(Math.max(...tops));
    expect(trained.best!.validation.top1).toBeGreaterThanOrEqual(0.9);
    expect(await evaluate(model, tinyData().validation!(), pause)).toEqual(trained.best!.validation);
    model.dispose();
  });

  test("is as flat after 1,000 updates as after one", async () => {
    const config = { ...TINY_VIT, layers: 1 };
    const values = initialVit(config, createRandom(5));
    const model = trainableVit(config, (name) => values.get(name)!, { kind: "all" }, createRandom(1));
    const batch = tinyBatch(2, createRandom(1));
    const data = { batchesPerEpoch: 250, validation: null, batch: () => Promise.resolve(batch) };
    const counts = new Set<number>();
    const tell = (): Promise<void> => Promise.resolve(void counts.add(memory().numTensors));
    const { events } = await course("vit", { ...QUICK, epochs: 4 }, { model, data, tell });
    expect(events).toHaveLength(1004);
    expect(counts.size).toBe(1);
  }, 120_000);

  test("stops when it has got no better for as many epochs as it is patient, and keeps the best", async () => {
    const recipe: LearningRecipe = { ...QUICK, epochs: 20, rate: 1e-12, patience: 2 }; // as good as standing still
    const { trained, events } = await course("vit", recipe);
    const best = events.filter((event) => event.kind === "epoch").filter((event) => event.best);
    expect(trained.stoppedEarly).toBe(true);
    expect(trained.best!.epoch).toBe(best.at(-1)!.epoch);
    expect(trained.epochs).toBe(trained.best!.epoch + 2);
  });

  test("with an average, evaluates and keeps the average", async () => {
    const recipe: LearningRecipe = { ...QUICK, epochs: 1, average: 0.999, schedule: { kind: "constant" } };
    const seen: RunState[] = [];
    const tell: Training["tell"] = async (_, capture) => void seen.push(await capture());
    const { parameters } = await course("vit", recipe, { tell });
    const { arrays } = seen.at(-1)!;
    for (const [name, values] of parameters) {
      expect(arrays.get(`best.${name}`)!.values).toEqual(values);
      expect(arrays.get(`average.${name}`)!.values).toEqual(values);
    }
    expect(arrays.get("model.classifier.weight")!.values).not.toEqual(parameters.get("classifier.weight"));
    const without = await course("vit", recipe, { data: { ...tinyData(), validation: null } });
    expect(without.parameters).toEqual(parameters);
    expect(without.trained.best).toBeNull();
  });

  test("small batches added up are one large one", async () => {
    const one = tinyBatch(10, createRandom(4));
    const slice = (from: number, to: number) => ({
      shape: [to - from, ...one.shape.slice(1)] as unknown as typeof one.shape,
      pixels: one.pixels.slice((from * one.pixels.length) / 10, (to * one.pixels.length) / 10),
      targets: one.targets.slice((from * one.targets.length) / 10, (to * one.targets.length) / 10),
    });
    const parts = [slice(0, 3), slice(3, 10)];
    const recipe: LearningRecipe = {
      ...QUICK,
      epochs: 1,
      schedule: { kind: "constant" },
      optimiser: { kind: "sgd", momentum: 0, nesterov: false },
    };
    const whole = await course("vit", recipe, {
      data: { batchesPerEpoch: 1, batch: () => Promise.resolve(one), validation: null },
    });
    const added = await course(
      "vit",
      { ...recipe, accumulate: 2 },
      { data: { batchesPerEpoch: 2, batch: (_, index) => Promise.resolve(parts[index]!), validation: null } },
    );
    for (const [name, values] of whole.parameters) {
      expect(maxDifference(added.parameters.get(name)!, values), name).toBeLessThanOrEqual(1e-6);
    }
  });

  test("follows its teacher", async () => {
    const teacher = fresh("vit");
    const plain = { ...QUICK, epochs: 8 };
    await train({
      lesson: pictureLesson(teacher, plain),
      data: tinyData(),
      recipe: plain,
      saved: null,
      pause,
      tell: pause,
    });
    const followed = {
      batchesPerEpoch: 3,
      validation: null,
      batch: async (epoch: number, index: number) => {
        const batch = await tinyData().batch(epoch, index);
        return { ...batch, targets: batch.targets.map((_, at) => Number(at % 5 === 0)) }; // says of all the same
      },
    };
    const model = fresh("vit");
    const recipe: LearningRecipe = { ...QUICK, epochs: 8, distillation: { kind: "soft", weight: 1, temperature: 2 } };
    await train({
      lesson: pictureLesson(model, recipe, (images) => Promise.resolve(teacher.logits(images, EVALUATION))),
      data: followed,
      recipe,
      saved: null,
      pause,
      tell: pause,
    });
    const { images } = placeBatch(tinyBatch(20, createRandom(77)));
    const guesses = async (one: TrainableModel) => [...(await argMax(one.logits(images, EVALUATION), -1).data())];
    const [wanted, got] = [await guesses(teacher), await guesses(model)];
    expect(new Set(wanted).size).toBeGreaterThan(2);
    expect(got.filter((guess, at) => guess === wanted[at]).length).toBeGreaterThanOrEqual(18);
  });

  test("pictures held aside of which none can be read are as good as none", async () => {
    const data = { ...tinyData(), async *validation() {} };
    const { trained, events } = await course("vit", { ...QUICK, epochs: 1 }, { data });
    expect(trained.best).toBeNull();
    expect(events.at(-1)).toMatchObject({ kind: "epoch", validation: null, best: false });
  });

  test.each([null, 1])(
    "diverging is an error that leaves the parameters and no tensor behind (clip %s)",
    async (clip) => {
      const before = memory().numTensors;
      const model = fresh("vit");
      const start = await model.read();
      const batch = tinyBatch(3, createRandom(1));
      const data = {
        batchesPerEpoch: 1,
        batch: () => Promise.resolve({ ...batch, pixels: batch.pixels.map(() => NaN) }),
        validation: null,
      };
      const recipe = { ...QUICK, clip };
      const going = train({ lesson: pictureLesson(model, recipe), data, recipe, saved: null, pause, tell: pause });
      await expect(going).rejects.toMatchObject({
        code: "training-diverged",
        message: expect.stringMatching(/update 1: the loss is NaN/),
      });
      expect(await model.read()).toEqual(start);
      model.dispose();
      expect(memory().numTensors).toBe(before);
    },
  );

  test("a state with numbers that are none is not captured", async () => {
    const tell: Training["tell"] = async (_, capture) => void (await capture());
    const recipe: LearningRecipe = {
      ...QUICK,
      rate: 1e38,
      schedule: { kind: "constant" },
      optimiser: { kind: "sgd", momentum: 0.9, nesterov: true },
      clip: 1e6,
    };
    await expect(course("cnn", recipe, { tell })).rejects.toMatchObject({ code: "training-diverged" });
  });

  test("a state of another model or recipe is refused", async () => {
    const { state } = await endedAfter(2, "vit", QUICK);
    const other: LearningRecipe = { ...QUICK, optimiser: { kind: "sgd", momentum: 0.9, nesterov: false } };
    const refused = course("vit", other, { saved: state });
    await expect(refused).rejects.toMatchObject({
      code: "training-state",
      message: expect.stringContaining("momentum."),
    });
    await expect(course("cnn", QUICK, { saved: state })).rejects.toMatchObject({ code: "training-state" });
  });
});
