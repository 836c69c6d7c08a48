import type { Tensor4D } from "@tensorflow/tfjs-core";
import { defaultQuery } from "../contract/attention-matrix.ts";
import type { ExplainMethod, ExplainRequest, MatrixRequest } from "../contract/explain-request.ts";
import type { Explanation, MatrixExplanation } from "../contract/explanation.ts";
import { prefixTokens } from "../models/vit/config.ts";
import { flowThrough } from "./attention/attention-flow.ts";
import { attentionOf } from "./attention/attention-of.ts";
import { relateToClass, rollOutForClass } from "./by-class/class-rollout.ts";
import { readMatrix, readQuery, type DeviceMatrix } from "./device-matrix.ts";
import { takeValues } from "../layers/take-values.ts";
import { composed, type AnyVit } from "./engine-vit.ts";
import type { ExplainRun } from "./explain-run.ts";
import { gradCamOfVit } from "./by-class/grad-cam-vit.ts";
import { patchGrid } from "./patch-grid.ts";
import { rollOut } from "./attention/rollout.ts";
import { refuseMethod, settleLayer, unasked } from "./settings.ts";

const METHODS = ["raw", "rollout", "flow", "gradient-rollout", "chefer", "grad-cam"] satisfies ExplainMethod[];

/**
 * Where a ViT looked in one picture `[1, height, width, C]`, normalised. Runs no further than the request needs, and
 * reads its map back and nothing else. Throws `invalid-argument` for what the model has not, `model-has-no-head`,
 * `input-shape`; whatever is thrown, no tensor is left behind.
 */
export async function explainVit(
  vit: AnyVit,
  image: Tensor4D,
  request: ExplainRequest,
  run: ExplainRun = {},
): Promise<Explanation> {
  const grid = patchGrid(vit, image);
  const settings = unasked(request.method);
  if (request.method === "flow") {
    const { head = "mean", query = defaultQuery(prefixTokens(vit.config)) } = request;
    const values = await flowThrough(vit, image, { head, query }, run);
    return { grid, values, settings: { ...settings, head, query } };
  }
  if (request.method === "grad-cam") {
    const layer = settleLayer("block", request.layer, vit.config.layers);
    const { map, target } = await gradCamOfVit(await composed(vit, run), image, { target: request.target, layer }, run);
    return { grid, values: await takeValues(map), settings: { ...settings, layer, target } };
  }
  return readQuery(await computeMatrix(vit, image, request, run), request.query);
}

/** The maps of all queries at once, so that another query needs no other run. Throws as `explainVit` does. */
export const readVitMatrix = async (
  vit: AnyVit,
  image: Tensor4D,
  request: MatrixRequest,
  run: ExplainRun = {},
): Promise<MatrixExplanation> => readMatrix(await computeMatrix(vit, image, request, run));

async function computeMatrix(
  vit: AnyVit,
  image: Tensor4D,
  request: MatrixRequest,
  run: ExplainRun,
): Promise<DeviceMatrix> {
  const place = { prefixTokens: prefixTokens(vit.config), grid: patchGrid(vit, image) };
  const settings = unasked(request.method);
  switch (request.method) {
    case "raw": {
      const layer = settleLayer("block", request.layer, vit.config.layers);
      const { head = "mean" } = request;
      const matrix = await attentionOf(vit, image, { layer, head }, run);
      return { ...place, matrix, settings: { ...settings, layer, head } };
    }
    case "rollout": {
      const { head = "mean", discard = 0 } = request;
      const matrix = await rollOut(vit, image, { head, discard }, run);
      return { ...place, matrix, settings: { ...settings, head, discard } };
    }
    case "gradient-rollout": {
      const { target: asked, discard = 0 } = request;
      const { matrix, target } = await rollOutForClass(
        await composed(vit, run),
        image,
        { target: asked, discard },
        run,
      );
      return { ...place, matrix, settings: { ...settings, target, discard } };
    }
    case "chefer": {
      const { matrix, target } = await relateToClass(await composed(vit, run), image, request.target, run);
      return { ...place, matrix, settings: { ...settings, target } };
    }
    default:
      throw refuseMethod("ViT", request.method, METHODS);
  }
}
