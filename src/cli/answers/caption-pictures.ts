import type { OfModel } from "../../../worker/contract/api.ts";
import type { CaptionQuestion } from "../../../worker/contract/caption.ts";
import type { Session } from "../../../worker/runtime/session.ts";
import { answerInBatches } from "./answer-in-batches.ts";

/** Picture files → what the model says of them, as `answerInBatches` gives it. */
export const captionPictures = <Picture extends { readonly path: string }>(
  session: Pick<Session, "caption">,
  pictures: readonly Picture[],
  request: CaptionQuestion & OfModel,
) =>
  answerInBatches(pictures, async (batch) => {
    const paths = batch.map(({ path }) => path);
    return (await session.caption(paths, request)).map((caption) => ({ caption }));
  });
