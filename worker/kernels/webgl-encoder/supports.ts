import type { EncoderPlan } from "../encoder-engine.ts";
import { LANES, measurePlan } from "./dimensions.ts";
import { widestSpan } from "./matrices.ts";
import { knowsActivation } from "./shaders.ts";

/**
 * Whether `createWebglEncoder` takes a model: not one that reads single tokens which no norm has passed, nor one whose
 * matrices are larger than this GPU's textures.
 */
export function supportsWebglEncoder(plan: EncoderPlan, gl: WebGL2RenderingContext): boolean {
  if (plan.finalNorm === "pooled" && (plan.pooler || plan.distillationHead)) return false;
  const sizes = measurePlan(plan, widestSpan(gl));
  const columns = [sizes.stream, sizes.inner + sizes.span, sizes.patch + sizes.span, 3 * sizes.joined];
  const across = [...columns, plan.heads * sizes.keys, plan.heads * sizes.span, plan.classes].map(
    (count) => count / sizes.span,
  );
  const down = [plan.classes, sizes.seats, sizes.stream, 3 * sizes.joined, sizes.inner].map((rows) => rows / LANES);
  const most = gl.getParameter(gl.MAX_TEXTURE_SIZE) as number;
  return knowsActivation(plan.activation) && Math.max(...across, ...down) <= most;
}
