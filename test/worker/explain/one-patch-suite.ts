import { memory, type Tensor2D, type Tensor4D } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { createRandom } from "../../../worker/contract/random.ts";
import type { ExplainRequest } from "../../../worker/contract/explain-request.ts";
import type { Explanation } from "../../../worker/contract/explanation.ts";
import { explainAttentionCnn } from "../../../worker/explain/explain-cnn.ts";
import { explainVit } from "../../../worker/explain/explain-vit.ts";
import { measureFaithfulness, type Classifier } from "../../../worker/explain/faithfulness/measure-faithfulness.ts";
import { runAttentionCnn } from "../../../worker/models/attention-cnn/run-attention-cnn.ts";
import { runVit } from "../../../worker/models/vit/run-vit.ts";
import { goldenTensors, type GoldenTensor } from "../../setup/golden.ts";
import { loadOnePatchCnn, loadVit, pictureOf } from "./explained-models.ts";

const SIDE = 8; // cells
const PICTURES = [0, 1, 2, 3, 4, 5, 6, 7];

/** A model of either kind, as these tests use it. */
type Model = {
  readonly classify: Classifier;
  readonly explain: (image: Tensor4D, request: ExplainRequest) => Promise<Explanation>;
};

async function onePatchVit(): Promise<Model> {
  const vit = await loadVit("explain/one-patch-vit");
  const logits = async (images: Tensor4D) => (await runVit(vit, images, { stages: ["logits"] })).get("logits")!;
  return {
    classify: async (images) => (await logits(images)) as Tensor2D,
    explain: (image, request) => explainVit(vit, image, request),
  };
}

async function onePatchCnn(): Promise<Model> {
  const cnn = await loadOnePatchCnn();
  const logits = async (images: Tensor4D) =>
    (await runAttentionCnn(cnn, images, { stages: ["logits"] })).get("logits")!;
  return {
    classify: async (images) => (await logits(images)) as Tensor2D,
    explain: (image, request) => explainAttentionCnn(cnn, image, request),
  };
}

/** The share of a map's mass in the 3 × 3 cells around one. */
function massNear(values: Float32Array, row: number, column: number): number {
  const near = (cell: number): boolean =>
    Math.abs(Math.floor(cell / SIDE) - row) <= 1 && Math.abs((cell % SIDE) - column) <= 1;
  const sum = (cells: Float32Array): number => cells.reduce((total, value) => total + value, 0);
  return sum(values.map((value, cell) => (near(cell) ? value : 0))) / sum(values);
}

const randomMap = (seed: number): Float32Array => {
  const random = createRandom(seed);
  return Float32Array.from({ length: SIDE * SIDE }, random);
};

/**
 * Models whose answer is the colour of the only cell that has one, on whatever backend is in use. `explanations`: how
 * many are counted tensors after.
 */
export function describeOnePatchModels(explanations: number): void {
  describe("where one patch decides", () => {
    let known = new Map<string, GoldenTensor>();
    beforeAll(async () => {
      known = await goldenTensors("explain/one-patch/pictures.safetensors");
    });

    test.each([
      ["chefer", "ViT", onePatchVit],
      ["gradient-rollout", "ViT", onePatchVit],
      ["grad-cam", "ViT", onePatchVit],
      ["grad-cam", "CNN", onePatchCnn],
    ] as const)("%s of a %s looks there, and its deletion beats a random map's", async (method, _, load) => {
      const { classify, explain } = await load();
      for (const index of PICTURES) {
        const image = pictureOf(known.get("pixel_values")!, index);
        const target = known.get("labels")!.values[index]!;
        const [row, column] = known.get("cells")!.values.subarray(2 * index, 2 * index + 2);
        const map = await explain(image, { method });
        expect(map.settings.target).toBe(target);
        expect(map.grid).toEqual({ width: SIDE, height: SIDE });
        expect(massNear(map.values, row!, column!)).toBeGreaterThanOrEqual(0.6);
        if (index > 1) continue;
        const areas = async (values: Float32Array) => {
          const curves = await measureFaithfulness(classify, image, {
            map: { ...map, values },
            target,
            baseline: "mean",
          });
          return [curves.deletion.area, curves.insertion.area] as const;
        };
        const [deletion, insertion] = await areas(map.values);
        const [randomDeletion, randomInsertion] = await areas(randomMap(index));
        expect(deletion).toBeLessThan(randomDeletion);
        expect(insertion).toBeGreaterThan(randomInsertion);
        image.dispose();
      }
    });

    test(`${explanations} explanations leave no tensor behind`, async () => {
      const [vit, cnn] = [await onePatchVit(), await onePatchCnn()];
      const image = pictureOf(known.get("pixel_values")!);
      const before = memory().numTensors;
      const methods = ["raw", "rollout", "gradient-rollout", "chefer", "grad-cam"] as const;
      for (let round = 0; round < explanations; round++) {
        const method = methods[round % methods.length]!;
        if (round % 10 === 9) await cnn.explain(image, { method: "grad-cam", layer: 0 });
        else await vit.explain(image, { method });
      }
      expect(memory().numTensors).toBe(before);
    });
  });
}
