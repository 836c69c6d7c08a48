import type { EncoderPlan } from "../encoder-engine.ts";
import { TEXEL } from "../webgl/matrices.ts";
import { knowsActivation } from "../webgl/shader-text.ts";
import { encoderTile, measurePlan } from "./dimensions.ts";

/**
 * Whether `createWebglEncoder` takes a model: not one that reads single tokens which no norm has passed, nor one whose
 * matrices are larger than this GPU's textures.
 */
export function supportsWebglEncoder(plan: EncoderPlan, gl: WebGL2RenderingContext): boolean {
  if (plan.finalNorm === "pooled" && (plan.pooler || plan.distillationHead || plan.patchHead)) return false;
  const sizes = measurePlan(plan, encoderTile(gl));
  const { lanes, span, joined } = sizes;
  const weights = [sizes.stream, sizes.inner + span, sizes.patch + span, joined + span]; // columns, a texel each
  const tiles = [plan.heads * sizes.keys, plan.heads * span, 3 * joined, plan.classes].map((columns) => columns / span);
  const down = [sizes.seats / lanes, plan.classes / TEXEL]; // what is wider than high is left out
  const most = gl.getParameter(gl.MAX_TEXTURE_SIZE) as number;
  return knowsActivation(plan.activation) && Math.max(...weights, ...tiles, ...down) <= most;
}
