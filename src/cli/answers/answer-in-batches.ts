/** What became of one picture. */
export type Answered<Picture, Answer> = { readonly picture: Picture } & (Answer | { readonly error: unknown });

const BATCH = 8; // pictures; a session runs as many together
const UNDER_WAY = 2; // batches: while the model works on one, the next is decoded

/** Many pictures → their answers, a batch at a time and in order. A bad picture spoils no other. */
export async function* answerInBatches<Picture, Answer extends object>(
  pictures: readonly Picture[],
  ask: (batch: readonly Picture[]) => Promise<readonly Answer[]>,
): AsyncGenerator<Answered<Picture, Answer>[]> {
  const underWay: Promise<Answered<Picture, Answer>[]>[] = [];
  for (let at = 0; at < pictures.length || underWay.length > 0;) {
    while (underWay.length < UNDER_WAY && at < pictures.length) {
      underWay.push(answerBatch(pictures.slice(at, at + BATCH), ask));
      at += BATCH;
    }
    yield await underWay.shift()!;
  }
}

/** Never rejects. One bad picture fails a call, so a batch that fails is tried again picture by picture. */
async function answerBatch<Picture, Answer extends object>(
  batch: readonly Picture[],
  ask: (batch: readonly Picture[]) => Promise<readonly Answer[]>,
): Promise<Answered<Picture, Answer>[]> {
  try {
    const answers = await ask(batch);
    return batch.map((picture, at) => ({ picture, ...answers[at]! }));
  } catch (error) {
    if (batch.length === 1) return [{ picture: batch[0]!, error }];
    const answers: Answered<Picture, Answer>[] = [];
    for (const picture of batch) answers.push(...(await answerBatch([picture], ask)));
    return answers;
  }
}
