import type { ClassifyRequest } from "../../../worker/contract/api.ts";
import type { Session } from "../../../worker/runtime/session.ts";
import type { LabelledPicture } from "../../../datasets/labelled-picture.ts";
import { answerInBatches } from "./answer-in-batches.ts";

/** Many pictures → their classes, as `answerInBatches` gives them. */
export const classifyPictures = (
  session: Pick<Session, "classify">,
  pictures: readonly LabelledPicture[],
  request: ClassifyRequest,
) =>
  answerInBatches(pictures, async (batch) =>
    (await session.classify(batch.map(toImage), request)).map(({ predictions }) => ({ predictions })),
  );

/** A path is read only when its turn comes. */
const toImage = ({ path, pixels }: LabelledPicture) => pixels?.() ?? path;
