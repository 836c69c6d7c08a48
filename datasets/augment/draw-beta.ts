import { drawNormal } from "../../worker/contract/draw.ts";
import { VisionError } from "../../worker/contract/errors.ts";
import type { Random } from "../../worker/contract/random.ts";

/** From Beta(α, α), in [0, 1]: α → 0 gives 0 or 1, 1 anything between alike, large α about a half. */
export function drawBeta(alpha: number, random: Random): number {
  if (!(alpha > 0 && alpha < Infinity)) {
    throw new VisionError("invalid-argument", `alpha of a beta distribution: wanted a number above 0, got ${alpha}`);
  }
  const [one, other] = [drawLogGamma(alpha, random), drawLogGamma(alpha, random)];
  return 1 / (1 + Math.exp(other - one)); // one / (one + other) without their underflow at small α
}

/** The logarithm of a draw from Gamma(α, 1): Marsaglia and Tsang, ACM TOMS 26, 2000; below 1 by their note on α + 1. */
function drawLogGamma(alpha: number, random: Random): number {
  if (alpha < 1) return drawLogGamma(alpha + 1, random) + Math.log(1 - random()) / alpha;
  const d = alpha - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const normal = drawNormal(random);
    const cube = (1 + c * normal) ** 3;
    if (cube <= 0) continue;
    if (Math.log(1 - random()) < 0.5 * normal ** 2 + d * (1 - cube + Math.log(cube))) return Math.log(d * cube);
  }
}
