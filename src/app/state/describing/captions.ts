import { batch, computed, effect, signal, untracked, type ReadonlySignal } from "@preact/signals";
import { describeFailure, isCancelled, isWorkerLoss, type Failure } from "../failure.ts";
import type { GetVision } from "../looking/map-question.ts";
import type { LoadedModel } from "../models/model-loader.ts";
import type { Photo } from "../photo.ts";
import { summariseCaptions } from "../photo-summary.ts";
import { createCaptionQueue, type QueueTools } from "./caption-queue.ts";
import { USUAL_SEARCH, type CaptionSearch } from "./caption-search.ts";
import type { CaptionState } from "./caption-state.ts";

export type CaptionTools = QueueTools & {
  readonly open: (photo: Photo, abort: AbortSignal) => Promise<Blob>; // its picture
  readonly vision: GetVision;
  readonly announce: (text: string) => void;
};

/** A sentence for every photo, one after another, for as long as a captioner is in use. */
export type Captions = {
  readonly search: ReadonlySignal<CaptionSearch>;
  readonly left: ReadonlySignal<number>; // photos without their sentence yet
  readonly finished: ReadonlySignal<number>; // of the run under way
  /** Describes all photos again, by other settings. */
  readonly change: (changes: Partial<CaptionSearch>) => void;
  readonly cancel: (photo: Photo) => void;
  readonly cancelAll: () => void;
  readonly retry: (photo: Photo) => void;
  readonly dispose: () => void;
};

type Job = { readonly photo: Photo; readonly abort: AbortController; after: "cancelled" | "waiting" };

export const createCaptions = (tools: CaptionTools): Captions => {
  const { photos, captioner, announce } = tools;
  const { waiting, next } = createCaptionQueue(tools);
  const search = signal<CaptionSearch>(USUAL_SEARCH);
  const job = signal<Job | null>(null);
  const through = signal<readonly Photo[]>([]); // what the run under way has finished
  const retried = new WeakSet<Photo>();

  const left = computed(() => waiting.value.length + (job.value ? 1 : 0));

  const failed = (photo: Photo, error: unknown, after: Job["after"]): CaptionState => {
    if (isCancelled(error)) return { kind: after };
    if (isWorkerLoss(error) && !retried.has(photo)) {
      retried.add(photo); // once: a picture that brings every worker down must not loop
      return { kind: "waiting" };
    }
    return { kind: "failed", failure: describeCaptionFailure(error) };
  };

  const run = async (photo: Photo, model: LoadedModel): Promise<void> => {
    const own: Job = { photo, abort: new AbortController(), after: "cancelled" };
    batch(() => {
      job.value = own;
      photo.caption.value = { kind: "running", words: [] };
    });
    const said = await describe(own, model, search.peek(), tools).catch((error: unknown) =>
      failed(photo, error, own.after),
    );
    const outcome = own.abort.signal.aborted ? { kind: own.after } : said;
    batch(() => {
      photo.caption.value = outcome;
      if (outcome.kind !== "waiting") through.value = [...through.peek(), photo];
      job.value = null;
    });
  };

  const endRun = (): void => {
    const summary = summariseCaptions(through.peek().filter((photo) => photos.peek().includes(photo)));
    through.value = [];
    if (summary !== "") announce(summary);
  };

  const wait = (again: readonly Photo[]): void =>
    batch(() => {
      through.value = through.peek().filter((photo) => !again.includes(photo));
      for (const { caption } of again) if (caption.peek().kind !== "running") caption.value = { kind: "waiting" };
    });

  const renew = (): void => {
    const running = job.peek();
    if (running) running.after = "waiting";
    running?.abort.abort();
    wait(photos.peek());
  };

  const cancel = (photo: Photo): void => {
    if (job.peek()?.photo === photo) return job.peek()?.abort.abort();
    if (!waiting.peek().includes(photo)) return;
    batch(() => {
      photo.caption.value = { kind: "cancelled" };
      through.value = [...through.peek(), photo]; // told with the rest of the run
    });
  };

  const ends = [
    effect(() => {
      void captioner.value;
      untracked(renew);
    }),
    effect(() => {
      const running = job.value;
      if (running && !photos.value.includes(running.photo)) running.abort.abort();
    }),
    effect(() => {
      const photo = next.value;
      const model = captioner.value;
      if (job.value) return;
      if (photo && model) untracked(() => void run(photo, model));
      else if (left.value === 0) untracked(endRun);
    }),
  ];

  return {
    search,
    left,
    finished: computed(() => through.value.length),
    change(changes) {
      search.value = { ...search.peek(), ...changes };
      renew();
    },
    cancel,
    cancelAll: () => batch(() => [...waiting.peek(), job.peek()?.photo].forEach((photo) => photo && cancel(photo))),
    retry: (photo) => wait([photo]),
    dispose() {
      for (const end of ends) end();
      job.peek()?.abort.abort();
    },
  };
};

/** Tells its words at the photo while they come. */
const describe = async (
  { photo, abort }: Job,
  { choice, info }: LoadedModel,
  { beams, maxWords }: CaptionSearch,
  { vision, open }: Pick<CaptionTools, "vision" | "open">,
): Promise<CaptionState> => {
  let words: Extract<CaptionState, { kind: "running" }>["words"] = [];
  const caption = await vision().caption(await open(photo, abort.signal), {
    model: info,
    beams,
    maxWords,
    returned: beams,
    signal: abort.signal,
    onWord(word) {
      words = [...words, word];
      if (photo.caption.peek().kind === "running" && !abort.signal.aborted)
        photo.caption.value = { kind: "running", words };
    },
  });
  return { kind: "done", caption, model: choice.title };
};

/** Of what a visitor sets, only the words can be too many: for a model with few positions. */
const describeCaptionFailure = (error: unknown): Failure => {
  const failure = describeFailure(error);
  return failure.code === "invalid-argument" ? { ...failure, ...TOO_MANY_WORDS } : failure;
};

const TOO_MANY_WORDS = { title: "This model cannot say that many words.", advice: "Choose fewer." };
