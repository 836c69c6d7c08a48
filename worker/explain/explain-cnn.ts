import { dispose, type Tensor4D } from "@tensorflow/tfjs-core";
import type { ExplainMethod, ExplainRequest, MatrixRequest } from "../contract/explain-request.ts";
import type { Explanation, MatrixExplanation } from "../contract/explanation.ts";
import { readModule } from "./attention/attention-module.ts";
import { readMatrix, readQuery, type DeviceMatrix } from "./device-matrix.ts";
import { takeValues } from "../layers/take-values.ts";
import { composedCnn, type AnyCnn } from "./engine-cnn.ts";
import type { ExplainRun } from "./explain-run.ts";
import { gradCamOfCnn } from "./by-class/grad-cam-cnn.ts";
import { reduceHeads } from "./attention/reduce-heads.ts";
import { refuseMethod, settleLayer, unasked } from "./settings.ts";

const METHODS = ["module", "raw", "grad-cam"] satisfies ExplainMethod[];

/** Where an attention CNN looked in one picture `[1, height, width, C]`; otherwise as `explainVit`. */
export async function explainAttentionCnn(
  cnn: AnyCnn,
  image: Tensor4D,
  request: ExplainRequest,
  run: ExplainRun = {},
): Promise<Explanation> {
  if (request.method === "grad-cam") {
    const layer = settleLayer("stage", request.layer, cnn.config.stages.length);
    const { map, target, grid } = await gradCamOfCnn(
      await composedCnn(cnn, run),
      image,
      { target: request.target, layer },
      run,
    );
    return { grid, values: await takeValues(map), settings: { ...unasked(request.method), layer, target } };
  }
  if (request.method === "flow") throw refuseMethod("CNN", request.method, METHODS);
  return readQuery(await computeMatrix(cnn, image, request, run), request.query);
}

/** Where every position of the module's map looked. Throws as `explainAttentionCnn` does. */
export const readAttentionCnnMatrix = async (
  cnn: AnyCnn,
  image: Tensor4D,
  request: MatrixRequest,
  run: ExplainRun = {},
): Promise<MatrixExplanation> => readMatrix(await computeMatrix(cnn, image, request, run));

/** The module's weights; as raw attention, those of layer 0, head 0 and any reduction of it. */
async function computeMatrix(
  cnn: AnyCnn,
  image: Tensor4D,
  request: MatrixRequest,
  run: ExplainRun,
): Promise<DeviceMatrix> {
  if (request.method !== "raw" && request.method !== "module") throw refuseMethod("CNN", request.method, METHODS);
  const { layer: asked, head = "mean" } = request.method === "raw" ? request : { layer: 0 };
  const layer = settleLayer("layer", asked, 1);
  const { weights, grid } = await readModule(cnn, image, run);
  try {
    const settings = { ...unasked(request.method), ...(request.method === "raw" && { layer, head }) };
    return { matrix: reduceHeads(weights, head), prefixTokens: 0, grid, settings };
  } finally {
    dispose(weights);
  }
}
