import { batch, signal, type ReadonlySignal } from "@preact/signals";
import type { Classification, ModelInfo } from "../../index.ts";
import { describeFailure, isCancelled, isPictureFault, isWorkerLoss } from "./failure.ts";
import { createPhoto, isUnfinished, type Photo, type PhotoSource, type PhotoState } from "./photo.ts";
import { summarise } from "./photo-summary.ts";
import type { Thumbnails } from "./thumbnails.ts";

export type PhotoTools = {
  /** The model in use; null while there is none, and photos wait. */
  readonly model: () => ModelInfo | null;
  readonly classify: (picture: Blob, model: ModelInfo, signal: AbortSignal) => Promise<Classification>;
  readonly fetchPicture: (url: URL, signal: AbortSignal) => Promise<Blob>;
  readonly thumbnails: Thumbnails;
  readonly announce: (text: string) => void;
};

/**
 * The photos on the page, the last given first, those given together in their own order; and the queue that classifies them
 * in the same order: what is given while others wait comes before them.
 */
export type Photos = {
  /** A photo's picture, fetched where all there is yet is its address. */
  readonly open: (photo: Photo, abort: AbortSignal) => Promise<Blob>;
  readonly list: ReadonlySignal<readonly Photo[]>;
  readonly finished: ReadonlySignal<number>; // of the run under way
  readonly add: (sources: readonly PhotoSource[]) => void;
  readonly cancel: (photo: Photo) => void;
  readonly cancelAll: () => void;
  readonly retry: (photo: Photo) => void;
  readonly remove: (photo: Photo) => void;
  readonly removeAll: () => void;
  /** After another model came into use. Pictures that cannot be read, and cancelled ones, stay as they are. */
  readonly classifyAgain: () => void;
};

type Job = { readonly abort: AbortController; after: "cancelled" | "waiting" };

/** While the model looks at one photo, the next is decoded. */
const UNDER_WAY = 2;

export const createPhotos = ({ model, classify, fetchPicture, thumbnails, announce }: PhotoTools): Photos => {
  const list = signal<readonly Photo[]>([]);
  const finished = signal(0);
  const retried = new WeakSet<Photo>();
  const through = new Set<Photo>(); // what the run under way has finished
  const jobs = new Map<Photo, Job>();
  let lastId = 0;

  const has = (photo: Photo): boolean => list.peek().includes(photo);

  const open = async (photo: Photo, abort: AbortSignal): Promise<Blob> => {
    if (photo.content instanceof Blob) return photo.content;
    const picture = await fetchPicture(photo.content, abort);
    photo.content = picture;
    if (has(photo)) void thumbnails.make(photo, picture);
    return picture;
  };

  const failed = (photo: Photo, error: unknown, after: Job["after"]): PhotoState => {
    if (isCancelled(error)) return { kind: after };
    if (isWorkerLoss(error) && !retried.has(photo)) {
      retried.add(photo); // once: a picture that brings every worker down must not loop
      return { kind: "waiting" };
    }
    return { kind: "failed", failure: describeFailure(error) };
  };

  const run = async (photo: Photo, info: ModelInfo): Promise<void> => {
    const own: Job = { abort: new AbortController(), after: "cancelled" };
    jobs.set(photo, own);
    photo.state.value = { kind: "running" };
    let outcome: PhotoState;
    try {
      const picture = await open(photo, own.abort.signal);
      const result = await classify(picture, info, own.abort.signal);
      outcome = own.abort.signal.aborted ? { kind: own.after } : { kind: "done", result, model: info };
    } catch (error) {
      outcome = failed(photo, error, own.after);
    }
    jobs.delete(photo);
    photo.state.value = outcome;
    if (outcome.kind !== "waiting") through.add(photo);
    finished.value = through.size;
    pump();
  };

  const pump = (): void => {
    for (let next = waiting(); next; next = waiting()) void run(next.photo, next.info);
    if (jobs.size > 0) return;
    const summary = summarise([...through].filter(has));
    through.clear();
    finished.value = 0;
    if (summary !== "") announce(summary);
  };

  const waiting = (): { photo: Photo; info: ModelInfo } | null => {
    const info = model();
    const photo = list.peek().find((candidate) => candidate.state.peek().kind === "waiting");
    if (!info || !photo) return null;
    const alone = [photo, ...jobs.keys()].some((one) => retried.has(one)); // it may bring the worker down once more
    return jobs.size < (alone ? 1 : UNDER_WAY) ? { photo, info } : null;
  };

  const wait = (photos: readonly Photo[]): void => {
    batch(() => {
      for (const photo of photos) {
        through.delete(photo);
        photo.state.value = { kind: "waiting" };
      }
      finished.value = through.size;
    });
    pump();
  };

  const cancel = (photo: Photo): void => {
    const job = jobs.get(photo);
    if (job) job.abort.abort();
    else if (photo.state.peek().kind === "waiting") {
      photo.state.value = { kind: "cancelled" };
      if (jobs.size === 0 || !has(photo)) return;
      through.add(photo); // told with the rest of the run
      finished.value = through.size;
    }
  };

  const drop = (photos: readonly Photo[]): void => {
    list.value = list.peek().filter((photo) => !photos.includes(photo));
    for (const photo of photos) {
      cancel(photo);
      thumbnails.revoke(photo);
    }
  };

  return {
    open,
    list,
    finished,
    cancel,
    add(sources) {
      const added = sources.map((source) => createPhoto(++lastId, source));
      list.value = [...added, ...list.peek()];
      for (const photo of added) if (photo.content instanceof Blob) void thumbnails.make(photo, photo.content);
      pump();
    },
    cancelAll: () => batch(() => list.peek().filter(isUnfinished).forEach(cancel)),
    retry: (photo) => wait([photo]),
    remove: (photo) => drop([photo]),
    removeAll: () => drop(list.peek()),
    classifyAgain() {
      for (const job of jobs.values()) {
        if (job.abort.signal.aborted) continue; // cancelled, and stays so
        job.after = "waiting";
        job.abort.abort();
      }
      wait(list.peek().filter(isWorthAgain));
    },
  };
};

const isWorthAgain = (photo: Photo): boolean => {
  const state = photo.state.peek();
  return state.kind === "done" || (state.kind === "failed" && !isPictureFault(state.failure));
};
