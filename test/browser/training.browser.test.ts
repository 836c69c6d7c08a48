import { memory } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { createRandom } from "../../worker/contract/random.ts";
import { webglBackend } from "../../worker/runtime/backends/webgl.ts";
import { initialAttentionCnn } from "../../worker/training/attention-cnn/initial-attention-cnn.ts";
import { LEARNING_DEFAULTS } from "../../worker/training/recipe.ts";
import type { TrainingBatch } from "../../worker/training/training-data.ts";
import { pictureLesson } from "../../worker/training/picture-lesson.ts";
import { TrainingRun } from "../../worker/training/training-run.ts";
import { initialVit } from "../../worker/training/vit/initial-vit.ts";
import { describeGradients } from "../worker/kernels/gradients-suite.ts";
import { describeOptimisers } from "../worker/training/optimisers/optimisers-suite.ts";
import { tinyBatch } from "../worker/training/tiny-data.ts";
import { placeTiny, TINY_CNN, TINY_VIT, tinyConfig, type TinyKind } from "../worker/training/tiny-models.ts";
import { describeTrainableModels } from "../worker/training/trainable-suite.ts";

type GpuMemory = { readonly numBytesInGPUAllocated: number };

async function* once(batch: TrainingBatch): AsyncGenerator<TrainingBatch> {
  yield await Promise.resolve(batch);
}

describe("training on WebGL", () => {
  beforeAll(async () => {
    await webglBackend.start(() => undefined);
  });
  describeGradients(5e-3, [1.9]);
  describeOptimisers(2e-6);
  describeTrainableModels(5e-4); // with cpu and wasm within 1e-5, no backend is 1e-3 from another

  test.each<TinyKind>(["vit", "cnn"])("%s: no update leaves anything on the GPU", async (kind) => {
    const random = createRandom(5);
    const values = kind === "vit" ? initialVit(TINY_VIT, random) : initialAttentionCnn(TINY_CNN, random);
    const before = memory().numTensors;
    const model = placeTiny(kind, (name) => values.get(name)!);
    const recipe = { ...LEARNING_DEFAULTS, average: 0.9 };
    const run = new TrainingRun(pictureLesson(model, recipe), recipe, 20);
    const held: string[] = [];
    for (let update = 0; update < 10; update++) {
      await run.update(once(tinyBatch(4, createRandom(update), tinyConfig[kind].imageSize)), () => Promise.resolve());
      const { numTensors, numBytes } = memory();
      held.push(
        `${numTensors} tensors, ${numBytes} bytes, ${(memory() as unknown as GpuMemory).numBytesInGPUAllocated} on the GPU`,
      );
    }
    expect(new Set(held.slice(4)).size).toBe(1); // textures are kept for reuse
    run.dispose();
    model.dispose();
    expect(memory().numTensors).toBe(before);
  });
});
