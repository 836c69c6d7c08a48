import { tensor2d, tensor4d, variableGrads } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { createRandom } from "../../../worker/contract/random.ts";
import { registerGradients } from "../../../worker/kernels/gradients.ts";
import { crossEntropy } from "../../../worker/training/losses.ts";
import { LEARNING_DEFAULTS, type LearningRecipe } from "../../../worker/training/recipe.ts";
import type { Mode, TrainableModel } from "../../../worker/training/trainable-model.ts";
import type { TrainingBatch } from "../../../worker/training/training-data.ts";
import { pictureLesson } from "../../../worker/training/picture-lesson.ts";
import { TrainingRun } from "../../../worker/training/training-run.ts";
import { goldenTensors, maxDifference, type GoldenTensor } from "../../setup/golden.ts";
import { placeTiny, type TinyKind } from "./tiny-models.ts";

// What test/golden/training/make_steps.py trains with.
const RECIPE: LearningRecipe = {
  ...LEARNING_DEFAULTS,
  rate: 0.02,
  decay: 0.05,
  schedule: { kind: "constant" },
  labelSmoothing: 0.1,
  clip: 0.2,
};
const RECIPES = {
  sgd: { ...RECIPE, optimiser: { kind: "sgd", momentum: 0.9, nesterov: true }, layerDecay: 0.8 },
  adamw: { ...RECIPE, optimiser: { kind: "adamw", betas: [0.9, 0.99] } },
} as const satisfies Record<string, LearningRecipe>;

const LEARNING: Mode = {
  kind: "training",
  regularisation: { dropout: 0, attentionDropout: 0, dropPath: 0 },
  random: createRandom(1),
};

const pause = (): Promise<void> => Promise.resolve();

async function* once(batch: TrainingBatch): AsyncGenerator<TrainingBatch> {
  yield await Promise.resolve(batch);
}

/** Trainable models against PyTorch's autograd and two updates, on whatever backend is in use. */
export function describeTrainableModels(tolerance: number): void {
  describe.each<TinyKind>(["vit", "cnn"])("a trainable %s", (kind) => {
    let all: Map<string, GoldenTensor>;
    beforeAll(async () => {
      registerGradients();
      all = await goldenTensors("training/steps.safetensors");
    });
    const golden = (name: string): GoldenTensor => all.get(`${kind}.${name}`)!;
    const namesOf = (part: string): string[] =>
      [...all.keys()]
        .filter((name) => name.startsWith(`${kind}.${part}.`))
        .map((n) => n.slice(kind.length + part.length + 2));
    const place = (): TrainableModel => placeTiny(kind, (name) => golden(`start.${name}`).values);
    const batch = (): TrainingBatch => ({
      shape: golden("pixels").shape as TrainingBatch["shape"],
      pixels: golden("pixels").values,
      targets: golden("targets").values,
    });

    test("has PyTorch's logits, loss and gradient of every parameter", async () => {
      const model = place();
      const images = tensor4d(golden("pixels").values, golden("pixels").shape as [number, number, number, number]);
      const targets = tensor2d(golden("targets").values, golden("targets").shape as [number, number]);
      const logits = await model.logits(images, LEARNING).data();
      expect(maxDifference(logits, golden("logits").values)).toBeLessThanOrEqual(tolerance);
      const { value, grads } = variableGrads(
        () => crossEntropy(model.logits(images, LEARNING), targets, { labelSmoothing: 0.1 }),
        [...model.parameters.values()],
      );
      expect(maxDifference(await value.data(), golden("loss").values)).toBeLessThanOrEqual(tolerance);
      expect([...model.parameters.keys()].sort()).toEqual(namesOf("gradient").sort());
      for (const [name, parameter] of model.parameters) {
        const error = maxDifference(await grads[parameter.name]!.data(), golden(`gradient.${name}`).values);
        expect(error, name).toBeLessThanOrEqual(tolerance);
      }
      model.dispose();
    });

    test.each(["sgd", "adamw"] as const)("is where PyTorch's is after two updates by %s", async (optimiser) => {
      const model = place();
      const run = new TrainingRun(pictureLesson(model, RECIPES[optimiser]), RECIPES[optimiser], 2);
      const first = await run.update(once(batch()), pause);
      expect(Math.abs(first.loss - golden("loss").values[0]!)).toBeLessThanOrEqual(tolerance);
      expect(Math.abs(first.norm - golden("norm").values[0]!)).toBeLessThanOrEqual(tolerance);
      await run.update(once(batch()), pause);
      const now = await model.read();
      expect([...now.keys()].sort()).toEqual(namesOf(optimiser).sort());
      for (const [name, values] of now) {
        // A key's bias shifts all scores of a softmax alike: its gradient is rounding alone, which Adam blows up.
        if (optimiser === "adamw" && name.endsWith("key.bias")) continue;
        expect(maxDifference(values, golden(`${optimiser}.${name}`).values), name).toBeLessThanOrEqual(tolerance);
      }
      run.dispose();
      model.dispose();
    });
  });
}
