import { max, mean, min, reshape, slice, tidy, type Tensor, type Tensor2D, type Tensor4D } from "@tensorflow/tfjs-core";
import { VisionError } from "../../contract/errors.ts";
import type { HeadChoice, HeadFusion } from "../../contract/explain-request.ts";

const FUSIONS: Record<HeadFusion, (weights: Tensor4D) => Tensor> = {
  mean: (weights) => mean(weights, 1),
  max: (weights) => max(weights, 1),
  min: (weights) => min(weights, 1),
};

/** weights `[1, H, T, T]` → one head's `[T, T]`, or all of them made one. Throws `invalid-argument` for no such head. */
export function reduceHeads(weights: Tensor4D, choice: HeadChoice): Tensor2D {
  const [, heads, queries, keys] = weights.shape;
  expectHead(choice, heads);
  return tidy(() => {
    const chosen =
      typeof choice === "number" ? slice(weights, [0, choice, 0, 0], [1, 1, queries, keys]) : FUSIONS[choice](weights);
    return reshape(chosen, [queries, keys]);
  });
}

function expectHead(choice: HeadChoice, heads: number): void {
  const known =
    typeof choice === "number" ? Number.isInteger(choice) && choice >= 0 && choice < heads : choice in FUSIONS;
  if (known) return;
  const wanted = `a head from 0 to ${heads - 1}, or ${Object.keys(FUSIONS).join(", ")}`;
  throw new VisionError("invalid-argument", `head: wanted ${wanted}, got ${choice}`);
}
