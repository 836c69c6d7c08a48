import type { ModelId, Prediction } from "../../worker/contract/api.ts";
import type { Session } from "../../worker/runtime/session.ts";
import type { LabelledPicture } from "../../datasets/labelled-picture.ts";

/** What became of one picture. */
export type Answer = { readonly picture: LabelledPicture } & (
  { readonly predictions: readonly Prediction[] } | { readonly error: unknown }
);

export type PictureRequest = { readonly model: ModelId; readonly topK: number };

const BATCH = 8; // pictures; a session runs as many together
const UNDER_WAY = 2; // batches: while the model works on one, the next is decoded

/** Many pictures → their answers, a batch at a time and in order. A bad picture spoils no other. */
export async function* classifyPictures(
  session: Pick<Session, "classify">,
  pictures: readonly LabelledPicture[],
  request: PictureRequest,
): AsyncGenerator<Answer[]> {
  const underWay: Promise<Answer[]>[] = [];
  for (let at = 0; at < pictures.length || underWay.length > 0;) {
    while (underWay.length < UNDER_WAY && at < pictures.length) {
      underWay.push(classifyBatch(session, pictures.slice(at, at + BATCH), request));
      at += BATCH;
    }
    yield await underWay.shift()!;
  }
}

/** Never rejects. One bad picture fails a call, so a batch that fails is tried again picture by picture. */
async function classifyBatch(
  session: Pick<Session, "classify">,
  batch: readonly LabelledPicture[],
  request: PictureRequest,
): Promise<Answer[]> {
  try {
    const answers = await session.classify(batch.map(toImage), request);
    return batch.map((picture, at) => ({ picture, predictions: answers[at]!.predictions }));
  } catch (error) {
    if (batch.length === 1) return [{ picture: batch[0]!, error }];
    const answers: Answer[] = [];
    for (const picture of batch) answers.push(...(await classifyBatch(session, [picture], request)));
    return answers;
  }
}

/** A path is read only when its turn comes. */
const toImage = ({ path, pixels }: LabelledPicture) => pixels?.() ?? path;
