import { memory, type Tensor4D } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { mapFromMatrix } from "../../../../worker/contract/attention-matrix.ts";
import { readVitMatrix } from "../../../../worker/explain/explain-vit.ts";
import { readModuleRows, readVitHeadRows } from "../../../../worker/explain/heads/read-head-rows.ts";
import { releaseAttentionCnn } from "../../../../worker/models/attention-cnn/attention-cnn.ts";
import { vitParameterShapes } from "../../../../worker/models/vit/parameters.ts";
import { releaseVit, type Vit } from "../../../../worker/models/vit/vit.ts";
import { cpuBackend } from "../../../../worker/runtime/backends/cpu.ts";
import { goldenTensors, maxDifference, type GoldenTensor } from "../../../setup/golden.ts";
import { expectRefusal } from "../../checkpoint/code-of.ts";
import { goldenConfig } from "../../models/attention-cnn/golden-suite.ts";
import { loadCnn, loadVit, pictureOf } from "../explained-models.ts";
import { headsOf } from "../square.ts";

const [LAYERS, HEADS, CELLS] = [3, 4, 16];
const CELL_BYTES = 4;

let known = new Map<string, GoldenTensor>();
let picture: Tensor4D;
beforeAll(async () => {
  await cpuBackend.start(() => undefined);
  known = await goldenTensors("vit-hf/expected.safetensors");
  picture = pictureOf(known.get("pixel_values")!);
});

/** The same ViT with another token in front; its parameters are any, all different. */
const loadDistilled = (): Promise<Vit> =>
  loadVit("vit-hf", (config) => {
    const distilled = { ...config, distillationToken: true, distillationHead: true };
    const shapes = vitParameterShapes(distilled);
    const read = (name: string) => {
      const length = shapes.get(name)!.reduce((product, size) => product * size, 1);
      return Float32Array.from({ length }, (_, at) => 0.3 * Math.sin(at * at + name.length));
    };
    return [distilled, read];
  });

describe("one query's map from every head of every layer", () => {
  test.each(["class", "mean", 0, 15] as const)("of %s is the row of PyTorch's attention", async (query) => {
    const vit = await loadVit("vit-hf");
    const { grid, layers, heads, values, query: told } = await readVitHeadRows(vit, picture, { query });
    expect([grid, layers, heads, told]).toEqual([{ width: 4, height: 4 }, LAYERS, HEADS, query]);
    const wanted = Array.from({ length: LAYERS }, (_, layer) => {
      const { values } = known.get(`attentions.${layer}`)!;
      return headsOf(values.subarray(0, values.length / 2), HEADS).flatMap((head) => {
        const patches = head.map((row) => row.slice(1));
        if (query === "class") return patches[0]!;
        if (query !== "mean") return patches[1 + query]!;
        return patches[0]!.map((_, cell) => patches.slice(1).reduce((sum, row) => sum + row[cell]! / CELLS, 0));
      });
    });
    expect(maxDifference(values, wanted.flat())).toBeLessThanOrEqual(1e-5);
    releaseVit(vit);
  });

  test("behind two tokens, the class token's unless told otherwise, as one head's own matrix has it", async () => {
    const vit = await loadDistilled();
    for (const query of [undefined, 7] as const) {
      const rows = await readVitHeadRows(vit, picture, { query });
      expect(rows.query).toBe(query ?? "class");
      for (let place = 0; place < LAYERS * HEADS; place++) {
        const [layer, head] = [Math.floor(place / HEADS), place % HEADS];
        const raw = await readVitMatrix(vit, picture, { method: "raw", layer, head });
        expect(raw.prefixTokens).toBe(2);
        const map = rows.values.subarray(place * CELLS, (place + 1) * CELLS);
        expect(maxDifference(map, mapFromMatrix(raw, query))).toBeLessThanOrEqual(1e-6);
      }
    }
    releaseVit(vit);
  });

  test("a CNN's module is one layer with one head", async () => {
    const cnn = await loadCnn(await goldenConfig("scaled"));
    const answers = await goldenTensors("attention-cnn/expected.safetensors");
    const weights = answers.get("scaled/attention.weights")!.values;
    const { query, ...rows } = await readModuleRows(cnn, pictureOf(answers.get("pixel_values")!), { query: 9 });
    expect([rows.layers, rows.heads, rows.grid, query]).toEqual([1, 1, { width: 8, height: 8 }, 9]);
    expect(maxDifference(rows.values, weights.subarray(9 * 64, 10 * 64))).toBeLessThanOrEqual(1e-5);
    const plain = await loadCnn(await goldenConfig("plain"));
    await expectRefusal(() => readModuleRows(plain, picture, {}), "invalid-argument", "no attention module");
    for (const model of [cnn, plain]) releaseAttentionCnn(model);
  });

  test("keeps no more of a layer than its rows, and nothing in the end, wherever it is stopped", async () => {
    const vit = await loadVit("vit-hf");
    const before = memory().numTensors;
    const bytes: number[] = [];
    await readVitHeadRows(vit, picture, {}, { pause: () => Promise.resolve(void bytes.push(memory().numBytes)) });
    expect(bytes).toHaveLength(LAYERS);
    for (const [at, held] of bytes.slice(1).entries()) expect(held - bytes[at]!).toBe(HEADS * CELLS * CELL_BYTES);
    for (let stop = 1; stop <= LAYERS; stop++) {
      let left = stop;
      const pause = () => (--left === 0 ? Promise.reject(new Error("stop")) : Promise.resolve());
      await expect(readVitHeadRows(vit, picture, {}, { pause })).rejects.toThrow("stop");
      expect(memory().numTensors).toBe(before);
    }
    releaseVit(vit);
  });
});
