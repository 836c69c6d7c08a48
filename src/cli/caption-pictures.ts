import type { OfModel } from "../../worker/contract/api.ts";
import type { Caption, CaptionQuestion } from "../../worker/contract/caption.ts";
import type { Session } from "../../worker/runtime/session.ts";

type Captioning = Pick<Session, "caption">;

/** What became of one picture. */
export type CaptionAnswer<Picture> = { readonly picture: Picture } & (
  { readonly caption: Caption } | { readonly error: unknown }
);

const BATCH = 8; // pictures; a session runs as many together
const UNDER_WAY = 2; // batches: while the model works on one, the next is decoded

/** Picture files → what the model says of them, a batch at a time and in order. A bad picture spoils no other. */
export async function* captionPictures<Picture extends { readonly path: string }>(
  session: Captioning,
  pictures: readonly Picture[],
  request: CaptionQuestion & OfModel,
): AsyncGenerator<CaptionAnswer<Picture>[]> {
  const underWay: Promise<CaptionAnswer<Picture>[]>[] = [];
  for (let at = 0; at < pictures.length || underWay.length > 0;) {
    while (underWay.length < UNDER_WAY && at < pictures.length) {
      underWay.push(captionBatch(session, pictures.slice(at, at + BATCH), request));
      at += BATCH;
    }
    yield await underWay.shift()!;
  }
}

/** Never rejects. One bad picture fails a call, so a batch that fails is tried again picture by picture. */
async function captionBatch<Picture extends { readonly path: string }>(
  session: Captioning,
  batch: readonly Picture[],
  request: CaptionQuestion & OfModel,
): Promise<CaptionAnswer<Picture>[]> {
  try {
    const captions = await session.caption(
      batch.map(({ path }) => path),
      request,
    );
    return batch.map((picture, at) => ({ picture, caption: captions[at]! }));
  } catch (error) {
    if (batch.length === 1) return [{ picture: batch[0]!, error }];
    const answers: CaptionAnswer<Picture>[] = [];
    for (const picture of batch) answers.push(...(await captionBatch(session, [picture], request)));
    return answers;
  }
}
