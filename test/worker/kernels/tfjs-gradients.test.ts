import { expect, test } from "vitest";
import { registerGradients } from "../../../worker/kernels/gradients.ts";
import { cpuBackend } from "../../../worker/runtime/backends/cpu.ts";
import { maxDifference } from "../../setup/golden.ts";
import { gradientsOf } from "./gradients-suite.ts";
import { KERNELS } from "./kernel-cases.ts";
import { LAYERS } from "./layer-cases.ts";
import { SEQUENCE_LAYERS } from "./sequence-layer-cases.ts";

test("every gradient is that of tfjs, element by element", async () => {
  await cpuBackend.start(() => undefined);
  registerGradients();
  const cases = Object.entries({ ...LAYERS, ...SEQUENCE_LAYERS, ...KERNELS }).filter(
    ([name]) => !THEIRS_FAILS.includes(name),
  );
  const ours = cases.map(([, one]) => gradientsOf(one));
  await import("@tensorflow/tfjs"); // puts its own in the place of ours
  for (const [index, [name, one]] of cases.entries()) {
    const theirs = gradientsOf(one);
    for (const [input, gradient] of ours[index]!) {
      expect(maxDifference(gradient, theirs.get(input)!), `${name}: ${input}`).toBeLessThanOrEqual(1e-5);
    }
  }
});

/** tfjs does not sum over a batch for a matrix that all of it shares. */
const THEIRS_FAILS = ["matrix product with one matrix for the whole batch"];
