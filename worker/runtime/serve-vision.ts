import { transfer } from "comlink";
import type { ImageOfMany, JobId, VisionApi, VisionEvents } from "../contract/api.ts";
import { VisionError } from "../contract/errors.ts";
import type { FolderSource } from "../contract/model-folder.ts";
import type { CallOptions } from "../contract/progress.ts";
import {
  openAnyModel,
  type OpenFiles,
  type OpenedCaptioner,
  type OpenedModel,
  type OpenOptions,
} from "../checkpoint/open-model.ts";
import { listEmbeddedModels } from "../checkpoint/sources/embedded-models.ts";
import { forgetRefused } from "../checkpoint/sources/forget-refused.ts";
import type { ModelStore } from "../checkpoint/sources/model-store.ts";
import { resolveSource } from "../checkpoint/sources/resolve-source.ts";
import { openWithHead } from "../checkpoint/with-head.ts";
import { codedError } from "./coded-error.ts";
import { Preload } from "./preload.ts";
import { Session, type Host } from "./session.ts";
import type { ImageGiver } from "./read-images.ts";
import { tell } from "./tell.ts";

type ServiceHost = Host & { readonly store: ModelStore };

type Started = { readonly session: Session; readonly events: VisionEvents; readonly models: string };

/** A model that may be the first to be loaded. */
type Early = { readonly source: FolderSource; readonly files: Preload<OpenedModel | OpenedCaptioner> };

/** An answer whose numbers, megabytes of a large grid, are handed over instead of copied. */
const handOver = <Answer>(answer: Answer, numbers: Float32Array): Answer =>
  transfer(answer, [numbers.buffer as ArrayBuffer]);

/** The protocol between page and worker, spoken over one session. */
export function serveVision(host: ServiceHost): VisionApi {
  let started: Started | null = null;
  let early: Early | null = null;
  const jobs = new Map<JobId, AbortController>();

  const running = (): Started => {
    if (started) return started;
    throw new VisionError("internal", "The worker was called before it was started.");
  };

  /** Runs one cancellable call about some pictures, which are let go of in the end; every way out is coded. */
  const perform = async <T>(
    job: JobId,
    images: readonly ImageOfMany[],
    work: (started: Started, options: CallOptions, say: (event: () => unknown) => void) => Promise<T>,
  ): Promise<T> => {
    const controller = new AbortController();
    jobs.set(job, controller);
    try {
      const current = running();
      let heard: Promise<unknown> = Promise.resolve();
      const say = (event: () => unknown): void => void (heard = tell(event));
      const onProgress: CallOptions["onProgress"] = (progress) => say(() => current.events.progress(job, progress));
      const answer = await work(current, { signal: controller.signal, onProgress }, say);
      await heard; // events have a port of their own: the answer would overtake them
      return answer;
    } catch (error) {
      throw codedError(error);
    } finally {
      jobs.delete(job);
      for (const image of images) if (image && typeof image === "object" && "close" in image) image.close(); // unread ones too
    }
  };

  /** The files of a model's folder, read and checked; what is refused is not kept. */
  const open = async (source: FolderSource, models: string, options: OpenOptions) => {
    const folder = await resolveSource(source, { models, store: host.store });
    return forgetRefused(host.store, folder.origin, openAnyModel(folder, options));
  };

  /** The files that are fetched for the first load, if this is it and they are its own. */
  const takeEarly = (source: FolderSource): Early["files"] | null => {
    const taken = early;
    early = null;
    if (taken && isSame(taken.source, source)) return taken.files;
    taken?.files.drop();
    return null;
  };

  return {
    async start({ backend, precision, models, preload: source }, events) {
      early = source ? { source, files: new Preload((options) => open(source, models, options)) } : null;
      try {
        const session = await Session.start(
          host,
          backend,
          ({ code, message }) => void tell(() => events.lost(code, message)),
          precision,
        );
        started = { session, events, models };
        return session.backend;
      } catch (error) {
        early?.files.drop();
        throw error;
      }
    },
    load: (job, model, source) =>
      perform(job, [], async ({ session, models }, options) => {
        const own = source.kind === "headed" ? source.from : source;
        const files = takeEarly(own);
        const folder = await resolveSource(own, { models, store: host.store });
        const read: OpenFiles = (opening) => files?.take(opening) ?? openAnyModel(folder, opening);
        const fetched = source.kind === "headed" ? openWithHead(read, source.head) : read;
        return forgetRefused(host.store, folder.origin, session.load(model, folder, options, fetched));
      }),
    classify: (job, images, request) =>
      perform(job, images, ({ session, events }, options) =>
        session.classify(givers(job, images, events), request, options),
      ),
    embed: (job, images, request) =>
      perform(job, images, async ({ session, events }, options) => {
        const answers = await session.embed(givers(job, images, events), request, options);
        return transfer(
          answers,
          answers.map(({ buffer }) => buffer as ArrayBuffer),
        );
      }),
    teach: (job, images, request) =>
      perform(job, images, ({ session, events }, options) =>
        session.teach(givers(job, images, events), request, options),
      ),
    caption: (job, images, request) =>
      perform(job, images, ({ session, events }, options, say) =>
        session.caption(givers(job, images, events), request, options, (photo, word) =>
          say(() => events.word(job, photo, word)),
        ),
      ),
    explain: (job, image, question) =>
      perform(job, [image], ({ session }, options) => session.explain(image, question, options)),
    explainAll: (job, image, question) =>
      perform(job, [image], async ({ session }, options) => {
        const answer = await session.explainAll(image, question, options);
        return handOver(answer, answer.matrix);
      }),
    explainHeads: (job, image, question) =>
      perform(job, [image], async ({ session }, options) => {
        const answer = await session.explainHeads(image, question, options);
        return handOver(answer, answer.values);
      }),
    measureHeads: (job, image, question) =>
      perform(job, [image], ({ session }, options) => session.measureHeads(image, question, options)),
    measureFaithfulness: (job, image, question) =>
      perform(job, [image], ({ session }, options) => session.measureFaithfulness(image, question, options)),
    unload: async (model) => running().session.unload(model),
    cancel: (job) => jobs.get(job)?.abort(),
    ping: () => undefined,
    status: async () => running().session.status(),
    embeddedModels: async () => listEmbeddedModels(running().models),
    storedModels: () => host.store.list(),
    forgetModel: (origin) => host.store.forget(origin),
  };
}

const givers = (job: JobId, images: readonly ImageOfMany[], events: VisionEvents): ImageGiver[] =>
  images.map((image, photo) => image ?? (() => events.picture(job, photo)));

const isSame = (one: FolderSource, other: FolderSource): boolean =>
  one.kind === "text" && other.kind === "text" && one.text === other.text;
