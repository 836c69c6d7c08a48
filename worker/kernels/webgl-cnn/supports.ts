import type { CnnPlan } from "../cnn-engine.ts";
import { mostTargets, padTo, TEXEL } from "../webgl/matrices.ts";
import { knowsActivation } from "../webgl/shader-text.ts";
import { measureCnn } from "./dimensions.ts";

/** Whether `createWebglCnn` takes a model: not one whose matrices are larger than this GPU's textures. */
export function supportsWebglCnn(plan: CnnPlan, gl: WebGL2RenderingContext): boolean {
  const lanes = mostTargets(gl);
  const { image, stem, stages, inner, keys } = measureCnn(plan, { lanes, span: TEXEL });
  const widest = Math.max(plan.channels, ...[stem, ...stages].map(({ channels }) => channels));
  const weights = 9 * padTo(widest, TEXEL) + TEXEL; // columns, a texel each
  const tiles = [3 * inner, keys, plan.classes].map((columns) => columns / TEXEL);
  const down = [image, stem, ...stages].map(({ tall }) => tall);
  return (
    knowsActivation(plan.activation) &&
    Math.max(weights, inner + TEXEL, ...tiles, ...down) <= gl.getParameter(gl.MAX_TEXTURE_SIZE)
  );
}
