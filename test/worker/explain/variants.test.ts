import { memory, tensor4d } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { explainVit, readVitMatrix } from "../../../worker/explain/explain-vit.ts";
import { measureVitHeads } from "../../../worker/explain/heads/measure-heads.ts";
import { tokenCount, type VitConfig } from "../../../worker/models/vit/config.ts";
import type { ParameterReader } from "../../../worker/kernels/parameter-reader.ts";
import { vitParameterShapes } from "../../../worker/models/vit/parameters.ts";
import { releaseVit } from "../../../worker/models/vit/vit.ts";
import { cpuBackend } from "../../../worker/runtime/backends/cpu.ts";
import { maxDifference } from "../../setup/golden.ts";
import { expectRefusal } from "../checkpoint/code-of.ts";
import { loadVit } from "./explained-models.ts";
import { identity, mapSquare, plus, square, times, withRowsOfOne, type Square } from "./square.ts";

/** Any config's parameters, each in its shape, all different. */
const anyParameters = (config: VitConfig): ParameterReader => {
  const shapes = vitParameterShapes(config);
  return (name) => {
    const size = shapes.get(name)!.reduce((product, length) => product * length, 1);
    return Float32Array.from({ length: size }, (_, at) => 0.3 * Math.sin(at * at + name.length));
  };
};

const imageOf = (width: number, height: number) =>
  tensor4d(
    Float32Array.from({ length: width * height * 3 }, (_, at) => Math.sin(at)),
    [1, height, width, 3],
  );

/** 3 rows of 5 patches. */
const OBLONG = { imageSize: { width: 40, height: 24 } };
const METHODS = ["raw", "rollout", "flow", "gradient-rollout", "chefer", "grad-cam"] as const;

describe("ViTs of other shapes", () => {
  beforeAll(async () => {
    await cpuBackend.start(() => undefined);
  });

  const variant = (change: Partial<VitConfig>) =>
    loadVit("vit-hf", (config) => [{ ...config, ...change }, anyParameters({ ...config, ...change })]);

  test.each([
    ["an oblong grid", OBLONG, 1],
    ["no class token", { ...OBLONG, classToken: false, pooling: "mean" }, 0],
    ["a class and a distillation token", { ...OBLONG, distillationToken: true, distillationHead: true }, 2],
    ["registers, and a head that reads patches", { ...OBLONG, registers: 4, patchHead: true }, 5],
    ["the mean of patches behind a class token", { ...OBLONG, pooling: "mean", finalNorm: "pooled" }, 1],
  ] as const)("%s: every method gives a number a cell", async (_, change, prefix) => {
    const vit = await variant(change);
    const image = imageOf(40, 24);
    for (const method of METHODS) {
      const { grid, values, settings } = await explainVit(vit, image, { method });
      expect(grid).toEqual({ width: 5, height: 3 });
      expect(values).toHaveLength(15);
      expect(values.every((value) => value >= 0)).toBe(true);
      if (method === "grad-cam") continue; // it may find nothing that speaks for the class
      expect(Math.max(...values)).toBeGreaterThan(0);
      expect(settings.query).toBe(prefix > 0 ? "class" : "mean");
    }
    const { matrix, prefixTokens } = await readVitMatrix(vit, image, { method: "raw", layer: 1 });
    expect([prefixTokens, matrix.length]).toEqual([prefix, (prefix + 15) ** 2]);
    const corner = await explainVit(vit, image, { method: "raw", layer: 1, query: 14 });
    const at = (prefix + 14) * (prefix + 15) + prefix;
    expect(maxDifference(corner.values, matrix.subarray(at, at + 15))).toBeLessThan(1e-6);
    if (prefix === 0) {
      await expectRefusal(() => explainVit(vit, image, { method: "raw", query: "class" }), "invalid-argument", "cell");
    }
    releaseVit(vit);
  });

  test("an image of another size has another grid, where that is allowed", async () => {
    const vit = await variant({});
    const image = imageOf(48, 16);
    const { grid, values } = await explainVit(vit, image, { method: "chefer", target: 1 }, { anySize: true });
    expect([grid, values.length]).toEqual([{ width: 6, height: 2 }, 12]);
    await expectRefusal(() => explainVit(vit, image, { method: "chefer" }), "input-shape", "32, 32");
    releaseVit(vit);
  });

  test("uniform attention: rollout is uniform, every head reaches evenly and knows nothing", async () => {
    const vit = await loadVit("vit-hf", (config, read) => [
      config,
      (name) => (/attention\.(query|key)\./.test(name) ? read(name).map(() => 0) : read(name)),
    ]);
    const image = imageOf(32, 32);
    const rolled = await explainVit(vit, image, { method: "rollout" });
    const first = (1 - 1 / 8) / 17; // of what is not the residual's of three layers
    expect(maxDifference(rolled.values, new Array<number>(16).fill(first))).toBeLessThan(1e-6);
    const { distance, entropy } = await measureVitHeads(vit, image, {});
    expect(maxDifference(entropy, new Array<number>(12).fill(Math.log(17)))).toBeLessThan(1e-5);
    const places = Array.from({ length: 16 }, (_, cell) => [8 * Math.floor(cell / 4), 8 * (cell % 4)] as const);
    const apart = places.flatMap(([y, x]) => places.map(([v, u]) => Math.hypot(v - y, u - x)));
    const mean = apart.reduce((sum, pixels) => sum + pixels, 0) / apart.length;
    expect(maxDifference(distance, new Array<number>(12).fill(mean))).toBeLessThan(1e-4);
    releaseVit(vit);
  });

  test("rows are made to sum to 1, not columns: where heads are reduced by max the two differ", async () => {
    const vit = await variant(OBLONG);
    const image = imageOf(40, 24);
    const layers: Square[] = [];
    for (let layer = 0; layer < 3; layer++) {
      layers.push(square((await readVitMatrix(vit, image, { method: "raw", layer, head: "max" })).matrix));
    }
    const turned = (matrix: Square) => mapSquare(matrix, (_, row, column) => matrix[column]![row]!);
    const both = layers.map((layer) => plus(layer, identity(tokenCount(vit.config))));
    const byRows = both.map(withRowsOfOne).reduce((rolled, layer) => times(layer, rolled));
    const byColumns = both
      .map((layer) => turned(withRowsOfOne(turned(layer))))
      .reduce((rolled, layer) => times(layer, rolled));
    const { matrix } = await readVitMatrix(vit, image, { method: "rollout", head: "max" });
    expect(maxDifference(matrix, byRows.flat())).toBeLessThan(1e-5);
    expect(maxDifference(matrix, byColumns.flat())).toBeGreaterThan(0.01);
    releaseVit(vit);
  });

  test("flow refuses a grid too large to wait for, before it runs", async () => {
    const before = memory().numTensors;
    const vit = await variant({ classToken: false, pooling: "mean" });
    const image = imageOf(480, 480);
    const ask = () => explainVit(vit, image, { method: "flow" }, { anySize: true });
    await expectRefusal(ask, "invalid-argument", "60 × 60 cells", "rollout");
    releaseVit(vit);
    image.dispose();
    expect(memory().numTensors).toBe(before);
  });
});
