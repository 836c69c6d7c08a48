import { describe, expect, test } from "vitest";
import {
  EXPLAIN_METHODS,
  settingsOf,
  toExplainRequest,
  toMatrixRequest,
  type ExplainQuestion,
} from "../../../worker/contract/explain-question.ts";
import { expectRefusal } from "../checkpoint/code-of.ts";

describe("a question becomes a request", () => {
  test("with the model's usual method where none is named, and without what is left out", () => {
    expect(toExplainRequest({}, "rollout")).toEqual({ method: "rollout" });
    const question = { method: "raw", layer: 0, head: 0, query: 0 } as const;
    expect(toExplainRequest({ ...question, target: undefined }, "rollout")).toEqual(question);
    expect(toMatrixRequest({ target: 3 }, "chefer")).toEqual({ method: "chefer", target: 3 });
  });

  test("or is refused: an unknown method, by the list of all", async () => {
    for (const method of ["lime", "constructor", null, 7] as unknown as "raw"[]) {
      const ask = () => toExplainRequest({ method }, "rollout");
      await expectRefusal(ask, "invalid-argument", "raw, module, rollout", String(method));
    }
  });

  test("or is refused: a setting that the method has not", async () => {
    const all: Required<ExplainQuestion> = { method: "raw", layer: 0, head: "max", query: 0, target: 0, discard: 0 };
    for (const method of EXPLAIN_METHODS) {
      for (const name of ["layer", "head", "query", "target", "discard"] as const) {
        const ask = () => toExplainRequest({ method, [name]: all[name] }, "raw");
        if (settingsOf(method).includes(name)) expect(ask()).toEqual({ method, [name]: all[name] });
        else await expectRefusal(ask, "invalid-argument", `${method}: this method has`, `got ${name}`);
      }
    }
    const misspelt = { typo: 1 } as ExplainQuestion;
    await expectRefusal(() => toExplainRequest(misspelt, "rollout"), "invalid-argument", "rollout", "typo");
  });

  test("or is refused: one head of what goes through all layers", async () => {
    for (const method of ["rollout", "flow"] as const) {
      const ask = () => toExplainRequest({ method, head: 2 }, "raw");
      await expectRefusal(ask, "invalid-argument", method, "mean, max or min", "got 2");
    }
  });

  test("or is refused: the matrix of a method that has none", async () => {
    for (const method of ["flow", "grad-cam"] as const) {
      await expectRefusal(() => toMatrixRequest({ method }, "raw"), "invalid-argument", method, "no matrix");
    }
  });
});
