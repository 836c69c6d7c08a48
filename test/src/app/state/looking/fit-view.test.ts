import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fitView, misfits } from "../../../../../src/app/state/looking/fit-view.ts";
import { USUAL_VIEW, type LookView } from "../../../../../src/app/state/looking/look-view.ts";
import { questionOf } from "../../../../../src/app/state/looking/map-question.ts";
import { EXPLAIN_METHODS, type ModelInfo } from "../../../../../src/index.ts";
import { toExplainRequest } from "../../../../../worker/contract/explain-question.ts";
import { modelInfo } from "../../fake-vision.ts";

const vit: ModelInfo = { ...modelInfo(1), layers: 6, heads: 4, hiddenStates: 7 };
const cnn: ModelInfo = {
  ...modelInfo(2),
  type: "attention-cnn",
  layers: 1,
  heads: 1,
  prefixTokens: 0,
  hiddenStates: 4,
};
const plainCnn: ModelInfo = { ...cnn, layers: 0, heads: 0 };
const backbone: ModelInfo = { ...vit, labels: [] };

const view = (changes: Partial<LookView>): LookView => ({ ...USUAL_VIEW, ...changes });

describe("the usual map", () => {
  test.each([
    ["a ViT", vit, "chefer"],
    ["a ViT without classes", backbone, "rollout"],
    ["a CNN", cnn, "grad-cam"],
    ["a CNN without classes", { ...cnn, labels: [] }, "module"],
    ["a CNN without attention", plainCnn, "grad-cam"],
    ["a CNN with nothing to ask", { ...plainCnn, labels: [] }, undefined],
  ])("of %s", (_, model, method) => expect(fitView(USUAL_VIEW, model)?.method).toBe(method));
});

test("whatever is set, the worker is asked nothing that it refuses", () => {
  const number = fc.option(fc.nat(8), { nil: null });
  const any = fc.record({
    method: fc.option(fc.constantFrom(...EXPLAIN_METHODS), { nil: null }),
    layer: number,
    head: fc.oneof(number, fc.constantFrom("mean" as const, "max" as const)),
    query: fc.oneof(number, fc.constantFrom("class" as const, "mean" as const)),
    target: number,
  });
  fc.assert(
    fc.property(any, fc.constantFrom(vit, cnn, plainCnn, backbone), (set, model) => {
      const choice = fitView(view(set), model)!;
      const request = toExplainRequest(questionOf(choice), "rollout"); // throws for a setting the method has not
      const { layer = 0, target = 0 } = request as { layer?: number; target?: number };
      expect(layer).toBeLessThan(request.method === "grad-cam" && model.type !== "vit" ? 3 : 6);
      expect(target).toBeLessThan(2);
      if (model.prefixTokens === 0) expect(choice.query).not.toBe("class");
    }),
  );
});

test("settings that the model or the method has not are named", () => {
  expect(misfits(view({ method: "raw", layer: 5, head: 3, query: 3 }), vit)).toEqual([]);
  expect(misfits(view({ method: "raw", layer: 6, head: 9, query: 4 }), vit)).toEqual(["layer", "head", "query"]);
  expect(misfits(view({ method: "rollout", target: 1 }), vit)).toEqual(["target"]);
  expect(misfits(view({ method: "raw", layer: 5 }), cnn)).toEqual(["method", "layer"]);
});
