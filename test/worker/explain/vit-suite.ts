import { memory, type Tensor4D } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { mapFromMatrix } from "../../../worker/contract/attention-matrix.ts";
import type { HeadFusion } from "../../../worker/contract/explain-request.ts";
import { explainVit, readVitMatrix } from "../../../worker/explain/explain-vit.ts";
import { measureVitHeads } from "../../../worker/explain/heads/measure-heads.ts";
import type { Vit } from "../../../worker/models/vit/vit.ts";
import { goldenTensors, maxDifference, type GoldenTensor } from "../../setup/golden.ts";
import { expectRefusal } from "../checkpoint/code-of.ts";
import { loadVit, pictureOf } from "./explained-models.ts";
import { headsOf, identity, mapSquare, plus, square, times, withRowsOfOne, type Square } from "./square.ts";

const LAYERS = [0, 1, 2];
const HEADS = 4;
const TOKENS = 17; // the class token and 4 × 4 patches
const FUSIONS: HeadFusion[] = ["mean", "max", "min"];

const fuse = (heads: readonly Square[], fusion: HeadFusion): Square =>
  mapSquare(heads[0]!, (_, row, column) => {
    const values = heads.map((head) => head[row]![column]!);
    if (fusion === "mean") return values.reduce((sum, value) => sum + value, 0) / values.length;
    return fusion === "max" ? Math.max(...values) : Math.min(...values);
  });

/** The lowest share of all entries 0, but what the class token gives itself. */
function dropLowest(matrix: Square, share: number): Square {
  const lowest = new Set(
    matrix
      .flatMap((row, at) => row.map((value, column) => ({ value, at: at * row.length + column })))
      .sort((a, b) => a.value - b.value)
      .slice(0, Math.floor(TOKENS * TOKENS * share))
      .map(({ at }) => at),
  );
  lowest.delete(0);
  return mapSquare(matrix, (value, row, column) => (lowest.has(row * TOKENS + column) ? 0 : value));
}

/** Abnar & Zuidema 2020, eq. 1: Ã(l) = A(l) Ã(l − 1), A = 0.5 W + 0.5 I with rows of 1. */
const rollout = (layers: readonly Square[]): Square =>
  layers
    .map((layer) => withRowsOfOne(mapSquare(plus(layer, identity(TOKENS)), (value) => value / 2)))
    .reduce((rolled, layer) => times(layer, rolled), identity(TOKENS));

const flat = (matrix: Square): number[] => matrix.flat();

/** Explanations of the golden ViT of random weights, on whatever backend is in use. */
export function describeVitExplanations(tolerance: number): void {
  describe("of a ViT", () => {
    let vit: Vit;
    let picture: Tensor4D;
    let known = new Map<string, GoldenTensor>(); // forward
    let expected = new Map<string, GoldenTensor>(); // autograd's
    beforeAll(async () => {
      known = await goldenTensors("vit-hf/expected.safetensors");
      expected = await goldenTensors("explain/expected.safetensors");
      vit = await loadVit("vit-hf");
      picture = pictureOf(known.get("pixel_values")!);
    });

    /** PyTorch's attention of the first picture, `[H, T, T]`. */
    const attention = (layer: number): Square[] => {
      const { values } = known.get(`attentions.${layer}`)!;
      return headsOf(values.subarray(0, values.length / 2), HEADS);
    };
    const gradient = (layer: number): Square[] =>
      headsOf(expected.get(`vit/attention-gradient.0.${layer}`)!.values, HEADS);

    test("raw attention is PyTorch's, head by head and reduced, and its rows sum to 1", async () => {
      for (const layer of LAYERS) {
        const heads = attention(layer);
        for (const choice of [0, 3, ...FUSIONS]) {
          const wanted = typeof choice === "number" ? heads[choice]! : fuse(heads, choice);
          const { matrix, settings } = await readVitMatrix(vit, picture, { method: "raw", layer, head: choice });
          expect(settings).toEqual({ method: "raw", layer, head: choice, query: null, target: null, discard: null });
          expect(maxDifference(matrix, flat(wanted)), `${layer} ${choice}`).toBeLessThanOrEqual(tolerance);
          if (choice === "max" || choice === "min") continue;
          for (const row of square(matrix)) {
            expect(Math.abs(row.reduce((sum, weight) => sum + weight, 0) - 1)).toBeLessThanOrEqual(tolerance);
          }
        }
      }
    });

    test("one query's map is its row of the matrix, the prefix left out", async () => {
      const heads = attention(1);
      const request = { method: "raw", layer: 1, head: 2 } as const;
      const whole = await readVitMatrix(vit, picture, request);
      const rows = heads[2]!.map((row) => row.slice(1));
      const mean = rows[0]!.map((_, cell) => rows.slice(1).reduce((sum, row) => sum + row[cell]! / 16, 0));
      for (const [query, wanted] of [
        ["class", rows[0]!],
        ["mean", mean],
        [0, rows[1]!],
        [15, rows[16]!],
      ] as const) {
        const { values, grid, settings } = await explainVit(vit, picture, { ...request, query });
        expect([grid, settings.query]).toEqual([{ width: 4, height: 4 }, query]);
        expect(maxDifference(values, wanted)).toBeLessThanOrEqual(tolerance);
        expect(maxDifference(mapFromMatrix(whole, query), wanted)).toBeLessThanOrEqual(tolerance);
      }
      const { settings, values } = await explainVit(vit, picture, { method: "raw" });
      expect(settings).toEqual({ method: "raw", layer: 2, head: "mean", query: "class", target: null, discard: null });
      expect(maxDifference(values, fuse(attention(2), "mean")[0]!.slice(1))).toBeLessThanOrEqual(tolerance);
    });

    test.each(FUSIONS)("rollout, heads by %s, is the paper's, with and without discarding", async (fusion) => {
      for (const discard of [0, 0.3, 0.9]) {
        const layers = LAYERS.map((layer) => dropLowest(fuse(attention(layer), fusion), discard));
        const { matrix, settings } = await readVitMatrix(vit, picture, { method: "rollout", head: fusion, discard });
        expect(settings.discard).toBe(discard);
        expect(maxDifference(matrix, flat(rollout(layers)))).toBeLessThanOrEqual(tolerance);
      }
    });

    test("gradient rollout is the formula's in float64, and autograd's for three classes", async () => {
      const layers = LAYERS.map((layer) => {
        const heads = attention(layer).map((head, at) =>
          mapSquare(head, (a, i, j) => a * gradient(layer)[at]![i]![j]!),
        );
        return mapSquare(fuse(heads, "mean"), (value) => Math.max(value, 0));
      });
      const request = { method: "gradient-rollout", target: 0 } as const;
      const { matrix, settings } = await readVitMatrix(vit, picture, request);
      expect(settings.target).toBe(0);
      expect(maxDifference(matrix, flat(rollout(layers)))).toBeLessThanOrEqual(tolerance);
      const fewer = await readVitMatrix(vit, picture, { ...request, discard: 0.5 });
      const dropped = rollout(layers.map((layer) => dropLowest(layer, 0.5)));
      expect(maxDifference(fewer.matrix, flat(dropped))).toBeLessThanOrEqual(tolerance);
      for (const target of [0, 1, 2]) {
        const answer = await readVitMatrix(vit, picture, { method: "gradient-rollout", target });
        const wanted = expected.get(`vit/gradient-rollout.${target}`)!.values;
        expect(maxDifference(answer.matrix, wanted)).toBeLessThanOrEqual(tolerance);
      }
    });

    test("Chefer's relevance is the formula's in float64, and autograd's for three classes", async () => {
      const relevance = LAYERS.reduce<Square>((before, layer) => {
        const heads = attention(layer).map((head, at) =>
          mapSquare(head, (a, i, j) => Math.max(a * gradient(layer)[at]![i]![j]!, 0)),
        );
        return plus(before, times(fuse(heads, "mean"), before));
      }, identity(TOKENS));
      const { matrix } = await readVitMatrix(vit, picture, { method: "chefer", target: 0 });
      expect(maxDifference(matrix, flat(relevance))).toBeLessThanOrEqual(tolerance);
      for (const target of [0, 1, 2]) {
        const answer = await readVitMatrix(vit, picture, { method: "chefer", target });
        const wanted = expected.get(`vit/chefer.${target}`)!.values;
        expect(maxDifference(answer.matrix, wanted)).toBeLessThanOrEqual(tolerance);
      }
    });

    test("Grad-CAM at every block is autograd's", async () => {
      for (const target of [0, 1, 2]) {
        for (const layer of LAYERS) {
          const { values, settings } = await explainVit(vit, picture, { method: "grad-cam", target, layer });
          expect(settings).toEqual({ method: "grad-cam", layer, head: null, query: null, target, discard: null });
          const wanted = expected.get(`vit/grad-cam.${target}.${layer}`)!.values;
          expect(maxDifference(values, wanted)).toBeLessThanOrEqual(tolerance);
        }
      }
    });

    test("a target left out is the class the model answers", async () => {
      const logits = [...known.get("logits")!.values.subarray(0, 10)];
      const top = logits.indexOf(Math.max(...logits));
      for (const method of ["chefer", "gradient-rollout", "grad-cam"] as const) {
        const { settings, values } = await explainVit(vit, picture, { method });
        expect(settings.target).toBe(top);
        expect(values).toEqual((await explainVit(vit, picture, { method, target: top })).values);
      }
    });

    test("flow is between the widest single way and what both ends let through", async () => {
      const mixed = LAYERS.map((layer) => withRowsOfOne(plus(fuse(attention(layer), "mean"), identity(TOKENS))));
      const { values, settings } = await explainVit(vit, picture, { method: "flow" });
      expect(settings).toEqual({
        method: "flow",
        layer: null,
        head: "mean",
        query: "class",
        target: null,
        discard: null,
      });
      for (const [cell, flow] of values.entries()) {
        const into = mixed[0]!.reduce((sum, row) => sum + row[cell + 1]!, 0);
        const ways = mixed[2]![0]!.flatMap((first, a) =>
          mixed[1]![a]!.map((second, b) => Math.min(first, second, mixed[0]![b]![cell + 1]!)),
        );
        expect(flow).toBeGreaterThanOrEqual(Math.max(...ways) - tolerance);
        expect(flow).toBeLessThanOrEqual(Math.min(1, into) + tolerance);
      }
    });

    test("distances and entropies of heads are those counted one by one", async () => {
      const figures = await measureVitHeads(vit, picture, {});
      expect([figures.layers, figures.heads]).toEqual([3, 4]);
      const at = (cell: number): [number, number] => [8 * Math.floor(cell / 4), 8 * (cell % 4)]; // pixels
      const wanted = LAYERS.flatMap((layer) => attention(layer)).map((head) => {
        const patches = head.slice(1).map((row) => row.slice(1));
        const distances = patches.map((row, from) => {
          const mass = row.reduce((sum, weight) => sum + weight, 0);
          const [y, x] = at(from);
          return row.reduce((sum, weight, to) => sum + (weight / mass) * Math.hypot(at(to)[0] - y, at(to)[1] - x), 0);
        });
        const entropies = head.map((row) => -row.reduce((sum, weight) => sum + weight * Math.log(weight), 0));
        const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
        return { distance: mean(distances), entropy: mean(entropies) };
      });
      expect(
        maxDifference(
          figures.distance,
          wanted.map(({ distance }) => distance),
        ),
      ).toBeLessThanOrEqual(20 * tolerance);
      expect(
        maxDifference(
          figures.entropy,
          wanted.map(({ entropy }) => entropy),
        ),
      ).toBeLessThanOrEqual(10 * tolerance);
    });

    test("what the model has not is refused by name", async () => {
      const ask = (request: object) => () => explainVit(vit, picture, request as never);
      await expectRefusal(ask({ method: "raw", layer: 3 }), "invalid-argument", "block from 0 to 2", "3");
      await expectRefusal(ask({ method: "raw", head: 4 }), "invalid-argument", "0 to 3", "mean, max, min", "4");
      await expectRefusal(ask({ method: "raw", head: "sum" }), "invalid-argument", "sum");
      await expectRefusal(ask({ method: "raw", query: 16 }), "invalid-argument", "0 to 15", "16");
      await expectRefusal(ask({ method: "rollout", discard: 2 }), "invalid-argument", "discard", "2");
      await expectRefusal(ask({ method: "chefer", target: 10 }), "invalid-argument", "0 to 9", "10");
      await expectRefusal(ask({ method: "grad-cam", layer: -1 }), "invalid-argument", "-1");
      await expectRefusal(ask({ method: "module" }), "invalid-argument", "raw, rollout, flow", "module");
      await expectRefusal(ask({ method: "lime" }), "invalid-argument", "lime");
    });

    test("no tensor is left behind, wherever it is stopped", async () => {
      const before = memory().numTensors;
      const methods = ["raw", "rollout", "flow", "gradient-rollout", "chefer", "grad-cam"] as const;
      for (const method of methods) {
        let pauses = 0;
        const request = {
          method,
          ...(method === "grad-cam" && { layer: 0 }),
          ...(method.endsWith("out") && { discard: 0.5 }),
        };
        await explainVit(vit, picture, request, { pause: () => Promise.resolve(void pauses++) });
        expect(memory().numTensors, method).toBe(before);
        expect(pauses).toBeGreaterThanOrEqual(3);
        for (let stop = 1; stop <= pauses; stop++) {
          let left = stop;
          const pause = () => (--left === 0 ? Promise.reject(new Error("stop")) : Promise.resolve());
          await expect(explainVit(vit, picture, request, { pause })).rejects.toThrow("stop");
          expect(memory().numTensors, `${method}, stopped at ${stop}`).toBe(before);
        }
      }
    });
  });
}
