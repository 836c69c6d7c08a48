import { dispose } from "@tensorflow/tfjs-core";
import type { FaithfulnessQuestion } from "../../contract/api.ts";
import { VisionError } from "../../contract/errors.ts";
import { toExplainRequest, toMatrixRequest, type ExplainQuestion } from "../../contract/explain-question.ts";
import type { HeadRowsRequest } from "../../contract/explain-request.ts";
import type { Faithfulness, HeadFigures } from "../../contract/explanation.ts";
import { seenByGrid, toHeat, type HeadHeats, type Heat, type HeatMatrix } from "../../contract/heat.ts";
import type { SeenArea } from "../../contract/pixels.ts";
import type { Pause } from "../../contract/turns.ts";
import { measureFaithfulness, type Classifier } from "../../explain/faithfulness/measure-faithfulness.ts";
import type { LoadedModel } from "../placed/loaded-model.ts";
import type { ModelImage } from "../read-images.ts";
import { modelInput } from "./model-answers.ts";

/** One prepared picture and the model that looks at it. */
export type Look = { readonly model: LoadedModel; readonly image: ModelImage; readonly pause: Pause };

/** Puts the picture on the device for the time of the work. */
async function onDevice<T>(
  { model, image }: Look,
  work: (input: ReturnType<typeof modelInput>) => Promise<T>,
): Promise<T> {
  const input = modelInput(model, [image]);
  try {
    return await work(input);
  } finally {
    dispose(input);
  }
}

const seenOf = ({ model, image }: Look): SeenArea => seenByGrid(image.seen, model.info.gridSpan);

export const explainPicture = (look: Look, question: ExplainQuestion): Promise<Heat> =>
  onDevice(look, async (input) => {
    const { model, pause } = look;
    const request = toExplainRequest(question, model.usualMethod);
    return toHeat(await model.explain.map(input, request, { pause }), seenOf(look));
  });

export const readHeatMatrix = (look: Look, question: ExplainQuestion): Promise<HeatMatrix> =>
  onDevice(look, async (input) => {
    const { model, pause } = look;
    const request = toMatrixRequest(question, model.usualMethod);
    return { ...(await model.explain.matrix(input, request, { pause })), seen: seenOf(look) };
  });

export const readHeadHeats = (look: Look, request: HeadRowsRequest): Promise<HeadHeats> =>
  onDevice(look, async (input) => {
    const { model, pause } = look;
    return { ...(await model.explain.headRows(input, request, { pause })), seen: seenOf(look) };
  });

export const readHeadFigures = (look: Look): Promise<HeadFigures> =>
  onDevice(look, (input) => look.model.explain.headFigures(input, { pause: look.pause }));

/** Takes the picture away, and puts it back, in the order of a map, and follows the class. */
export const followFaithfulness = (
  look: Look,
  question: FaithfulnessQuestion,
  onProgress: (done: number, total: number) => void,
): Promise<Faithfulness> =>
  onDevice(look, (input) => {
    const { model, pause } = look;
    const { scoring, grid, gridSpan } = model.info;
    expectMap(question.map);
    const { width, height } = question.map.grid;
    const isOfModel = width === grid.width && height === grid.height;
    const classify: Classifier = async (images) => {
      const stages = await model.run(images, { stages: ["logits"], pause });
      return stages.get("logits") as Awaited<ReturnType<Classifier>>;
    };
    const request = { ...question, scoring, gridSpan: isOfModel ? gridSpan : undefined };
    return measureFaithfulness(classify, input, request, { pause, onProgress });
  });

/** Callers without types may pass anything. */
function expectMap({ grid, values }: Partial<FaithfulnessQuestion["map"]>): void {
  if (grid && values?.every(Number.isFinite)) return;
  throw new VisionError(
    "invalid-argument",
    "map: wanted a grid and finite numbers, as explain() gives, got something else",
  );
}
