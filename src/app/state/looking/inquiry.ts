import { batch, computed, effect, signal, untracked, type ReadonlySignal } from "@preact/signals";
import { describeFailure, isCancelled, isWorkerLoss, type Failure } from "../failure.ts";
import type { Photo } from "../photo.ts";

/** A question about one photo. Equal keys are the same question. */
export type Asked<Answer> = {
  readonly photo: Photo;
  readonly key: string;
  readonly ask: (picture: Blob, signal: AbortSignal) => Promise<Answer>;
};

/** One question at a time, the newest: what comes for another is dropped, and answers are kept with their photo. */
export type Inquiry<Answer> = {
  /** For the photo asked about; the answer before it until its own has come. */
  readonly answer: ReadonlySignal<Answer | null>;
  readonly busy: ReadonlySignal<boolean>;
  readonly failure: ReadonlySignal<Failure | null>;
  readonly cancelled: ReadonlySignal<boolean>;
  readonly cancel: () => void;
  readonly retry: () => void;
  readonly dispose: () => void;
};

/** Answers kept of one photo: all layers of a large model, and some methods. */
const KEPT = 40;

type Outcome = { readonly failure: Failure | null; readonly cancelled: boolean };

const FINE: Outcome = { failure: null, cancelled: false };

export const createInquiry = <Answer>(asked: ReadonlySignal<Asked<Answer> | null>): Inquiry<Answer> => {
  const kept = new WeakMap<Photo, Map<string, Answer>>();
  const latest = signal<{ readonly photo: Photo; readonly answer: Answer } | null>(null);
  const underWay = signal<AbortController | null>(null);
  const outcome = signal<Outcome>(FINE);

  const end = (): void => {
    underWay.peek()?.abort();
    underWay.value = null;
  };

  const ask = async (question: Asked<Answer>, again = true): Promise<void> => {
    const { photo, key } = question;
    const own = new AbortController();
    batch(() => {
      end();
      underWay.value = own;
      outcome.value = FINE;
    });
    try {
      const answer = await question.ask(photo.content as Blob, own.signal); // what has been classified has been fetched
      if (underWay.peek() !== own) return;
      keep(kept, photo, key, answer);
      latest.value = { photo, answer };
    } catch (error) {
      if (underWay.peek() !== own) return;
      if (isWorkerLoss(error) && again) return ask(question, false); // of the next worker, once
      outcome.value = isCancelled(error) ? { ...FINE, cancelled: true } : { ...FINE, failure: describeFailure(error) };
    }
    underWay.value = null;
  };

  const settle = (found: { readonly photo: Photo; readonly answer: Answer } | null): void =>
    batch(() => {
      end();
      outcome.value = FINE;
      latest.value = found;
    });

  const look = (): void => {
    const question = asked.peek();
    if (!question) return settle(null);
    const answer = kept.get(question.photo)?.get(question.key);
    if (answer === undefined) void ask(question);
    else settle({ photo: question.photo, answer });
  };

  const which = computed(() => (asked.value ? `${asked.value.photo.id} ${asked.value.key}` : ""));
  const dispose = effect(() => {
    void which.value;
    untracked(look);
  });

  return {
    answer: computed(() => (latest.value && latest.value.photo === asked.value?.photo ? latest.value.answer : null)),
    busy: computed(() => underWay.value !== null),
    failure: computed(() => outcome.value.failure),
    cancelled: computed(() => outcome.value.cancelled),
    cancel: () =>
      batch(() => {
        if (underWay.peek()) outcome.value = { ...FINE, cancelled: true };
        end();
      }),
    retry: look,
    dispose() {
      dispose();
      end();
    },
  };
};

/** The oldest make room. */
const keep = <Answer>(all: WeakMap<Photo, Map<string, Answer>>, photo: Photo, key: string, answer: Answer): void => {
  const answers = all.get(photo) ?? new Map<string, Answer>();
  all.set(photo, answers.set(key, answer));
  const [oldest] = answers.keys();
  if (answers.size > KEPT && oldest !== undefined) answers.delete(oldest);
};
