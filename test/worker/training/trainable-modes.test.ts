import { memory, tensor4d, type Tensor4D } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { nodeBackends } from "../../../src/node/backends.ts";
import { createRandom } from "../../../worker/contract/random.ts";
import { releaseAttentionCnn } from "../../../worker/models/attention-cnn/attention-cnn.ts";
import { buildAttentionCnn } from "../../../worker/models/attention-cnn/build-attention-cnn.ts";
import { runAttentionCnn } from "../../../worker/models/attention-cnn/run-attention-cnn.ts";
import { buildVit } from "../../../worker/models/vit/build-vit.ts";
import { runVit } from "../../../worker/models/vit/run-vit.ts";
import { releaseVit } from "../../../worker/models/vit/vit.ts";
import type { Adaptation } from "../../../worker/training/anatomy.ts";
import { initialAttentionCnn } from "../../../worker/training/attention-cnn/initial-attention-cnn.ts";
import { trainableAttentionCnn } from "../../../worker/training/attention-cnn/trainable-attention-cnn.ts";
import { evaluate } from "../../../worker/training/evaluate.ts";
import { LEARNING_DEFAULTS } from "../../../worker/training/recipe.ts";
import { EVALUATION, type TrainableModel } from "../../../worker/training/trainable-model.ts";
import type { TrainingBatch } from "../../../worker/training/training-data.ts";
import { pictureLesson } from "../../../worker/training/picture-lesson.ts";
import { TrainingRun } from "../../../worker/training/training-run.ts";
import { initialVit } from "../../../worker/training/vit/initial-vit.ts";
import { goldenTensors, maxDifference } from "../../setup/golden.ts";
import { pause, tinyBatch } from "./tiny-data.ts";
import { placeTiny, TINY_CNN, TINY_VIT, tinyConfig, type TinyKind } from "./tiny-models.ts";

type Values = ReadonlyMap<string, Float32Array>;

const initial = {
  vit: () => initialVit(TINY_VIT, createRandom(5)),
  cnn: () => initialAttentionCnn(TINY_CNN, createRandom(5)),
};

async function goldenStart(kind: TinyKind): Promise<Values> {
  const start = `${kind}.start.`;
  const all = [...(await goldenTensors("training/steps.safetensors"))].filter(([name]) => name.startsWith(start));
  return new Map(all.map(([name, { values }]) => [name.slice(start.length), values]));
}

const imagesOf = (kind: TinyKind): Tensor4D => {
  const { pixels, shape } = tinyBatch(4, createRandom(2), tinyConfig[kind].imageSize);
  return tensor4d(pixels, [...shape]);
};

const placeValues = (kind: TinyKind, values: Values, adaptation?: Adaptation): TrainableModel =>
  placeTiny(kind, (name) => values.get(name)!, adaptation);

const logitsOf = async (model: TrainableModel, images: Tensor4D): Promise<Float32Array> =>
  model.logits(images, EVALUATION).data<"float32">();

/** By the model that runs once it is trained, its norms folded. */
async function inferredLogits(kind: TinyKind, values: Values, images: Tensor4D): Promise<Float32Array> {
  const read = (name: string): Float32Array => values.get(name)!;
  if (kind === "vit") {
    const vit = await buildVit(TINY_VIT, read);
    const logits = (await runVit(vit, images, { stages: ["logits"] })).get("logits")!;
    releaseVit(vit);
    return logits.data<"float32">();
  }
  const cnn = await buildAttentionCnn(TINY_CNN, read);
  const logits = (await runAttentionCnn(cnn, images, { stages: ["logits"] })).get("logits")!;
  releaseAttentionCnn(cnn);
  return logits.data<"float32">();
}

async function* batches(...all: TrainingBatch[]): AsyncGenerator<TrainingBatch> {
  for (const batch of all) yield await Promise.resolve(batch);
}

/** Two updates, fast ones. */
async function learn(kind: TinyKind, model: TrainableModel): Promise<void> {
  const recipe = { ...LEARNING_DEFAULTS, rate: 0.05, schedule: { kind: "constant" } } as const;
  const run = new TrainingRun(pictureLesson(model, recipe), recipe, 2);
  for (const seed of [1, 2])
    await run.update(batches(tinyBatch(5, createRandom(seed), tinyConfig[kind].imageSize)), pause);
  run.dispose();
}

describe.each(nodeBackends)("a trainable model on $name", (driver) => {
  beforeAll(async () => {
    await driver.start(() => undefined);
  });

  test.each<TinyKind>(["vit", "cnn"])(
    "%s: in evaluation it answers as the model that runs, trained or not",
    async (kind) => {
      const model = placeValues(kind, await goldenStart(kind));
      const images = imagesOf(kind);
      for (const trained of [false, true]) {
        if (trained) await learn(kind, model);
        const wanted = await inferredLogits(kind, await model.read(), images);
        expect(maxDifference(await logitsOf(model, images), wanted)).toBeLessThanOrEqual(1e-5);
      }
    },
  );

  test.each<TinyKind>(["vit", "cnn"])("%s: a new one calls all classes equally likely", async (kind) => {
    const model = placeValues(kind, initial[kind]());
    const told = await evaluate(model, batches(tinyBatch(7, createRandom(1), tinyConfig[kind].imageSize)), pause);
    expect(told!.pictures).toBe(7);
    expect(told!.loss).toBeCloseTo(Math.log(5), 6);
  });

  test("a new attention CNN is the plain CNN", async () => {
    const values = new Map([...(await goldenStart("cnn")), ["attention.gamma", new Float32Array(1)]]);
    const read = (name: string): Float32Array => values.get(name)!;
    const plain = trainableAttentionCnn({ ...TINY_CNN, attention: null }, read, { kind: "all" }, createRandom(1));
    const images = imagesOf("cnn");
    expect(await logitsOf(placeValues("cnn", values), images)).toEqual(await logitsOf(plain, images));
  });

  test.each<TinyKind>(["vit", "cnn"])("%s: what does not learn stays as it is, to the bit", async (kind) => {
    const start = await goldenStart(kind);
    const model = placeValues(kind, start, { kind: "last-blocks", blocks: 1 });
    await learn(kind, model);
    const now = await model.read();
    expect([...now.keys()].sort()).toEqual([...start.keys()].sort());
    const changed = [...now]
      .filter(([name, values]) => maxDifference(values, start.get(name)!) > 0)
      .map(([name]) => name);
    const learned =
      kind === "vit" ? /^encoder\.layer\.1\.|^layernorm\.|^classifier\./ : /^stages\.1\.blocks\.1\.|^head\./;
    expect(changed.sort()).toEqual([...start.keys()].filter((name) => learned.test(name)).sort());
  });

  test("LoRA starts as the model itself, moves query and value, and is merged into them", async () => {
    const start = await goldenStart("vit");
    const images = imagesOf("vit");
    const model = placeValues("vit", start, { kind: "lora", rank: 2, alpha: 4 });
    expect(await logitsOf(model, images)).toEqual(await logitsOf(placeValues("vit", start), images));
    expect(model.parameters.get("encoder.layer.1.attention.attention.query.lora_A.weight")!.shape).toEqual([2, 16]);
    expect(model.parameters.get("encoder.layer.1.attention.attention.query.lora_B.weight")!.shape).toEqual([16, 2]);
    await learn("vit", model);
    const merged = await model.read();
    const changed = [...merged].filter(([name, values]) => maxDifference(values, start.get(name)!) > 0);
    const adapted = [0, 1].flatMap((layer) =>
      ["query", "value"].map((part) => `encoder.layer.${layer}.attention.attention.${part}.weight`),
    );
    expect(changed.map(([name]) => name).sort()).toEqual(["classifier.bias", "classifier.weight", ...adapted].sort());
    const again = await logitsOf(placeValues("vit", merged), images);
    expect(maxDifference(await logitsOf(model, images), again)).toBeLessThanOrEqual(1e-5);
  });

  test.each<[TinyKind, Adaptation]>([
    ["vit", { kind: "lora", rank: 2, alpha: 4 }],
    ["vit", { kind: "head" }],
    ["cnn", { kind: "last-blocks", blocks: 1 }],
  ])("%s with %j: nothing is left on the device", async (kind, adaptation) => {
    const values = await goldenStart(kind);
    const before = memory().numTensors;
    const model = placeValues(kind, values, adaptation);
    await learn(kind, model);
    await model.read();
    model.dispose();
    expect(memory().numTensors).toBe(before);
  });
});

describe("which parameters learn", () => {
  const learned = (kind: TinyKind, adaptation: Adaptation): string[] => [
    ...placeValues(kind, initial[kind](), adaptation).parameters.keys(),
  ];

  test("the head alone", () => {
    expect(learned("vit", { kind: "head" })).toEqual(["classifier.weight", "classifier.bias"]);
    expect(learned("cnn", { kind: "head" })).toEqual(["head.weight", "head.bias"]);
  });

  test("all blocks are not yet what reads the image, however many are asked for", () => {
    const frozen = (kind: TinyKind): string[] => {
      const some = learned(kind, { kind: "last-blocks", blocks: 99 });
      return learned(kind, { kind: "all" }).filter((name) => !some.includes(name));
    };
    expect(frozen("vit").every((name) => name.startsWith("embeddings."))).toBe(true);
    expect(frozen("vit")).toHaveLength(4);
    expect(frozen("cnn")).toEqual(["stem.conv.weight", "stem.norm.weight", "stem.norm.bias"]);
  });

  test("a CNN has nothing that LoRA adapts", () => {
    expect(() => learned("cnn", { kind: "lora", rank: 2, alpha: 4 })).toThrow(
      "LoRA adapts the query and value of a ViT",
    );
  });
});
