import { transfer } from "comlink";
import type { JobId, VisionApi, VisionEvents } from "../contract/api.ts";
import { VisionError } from "../contract/errors.ts";
import type { CallOptions } from "../contract/progress.ts";
import { listEmbeddedModels } from "../checkpoint/sources/embedded-models.ts";
import { forgetRefused } from "../checkpoint/sources/forget-refused.ts";
import type { ModelStore } from "../checkpoint/sources/model-store.ts";
import { resolveSource } from "../checkpoint/sources/resolve-source.ts";
import { codedError } from "./coded-error.ts";
import { Session, type Host } from "./session.ts";
import { tell } from "./tell.ts";

type ServiceHost = Host & { readonly store: ModelStore };

type Started = { readonly session: Session; readonly events: VisionEvents; readonly models: string };

/** An answer whose numbers, megabytes of a large grid, are handed over instead of copied. */
const handOver = <Answer>(answer: Answer, numbers: Float32Array): Answer =>
  transfer(answer, [numbers.buffer as ArrayBuffer]);

/** The protocol between page and worker, spoken over one session. */
export function serveVision(host: ServiceHost): VisionApi {
  let started: Started | null = null;
  const jobs = new Map<JobId, AbortController>();

  const running = (): Started => {
    if (started) return started;
    throw new VisionError("internal", "The worker was called before it was started.");
  };

  /** Runs one cancellable call; every way out is coded. */
  const perform = async <T>(job: JobId, work: (started: Started, options: CallOptions) => Promise<T>): Promise<T> => {
    const controller = new AbortController();
    jobs.set(job, controller);
    try {
      const current = running();
      const onProgress: CallOptions["onProgress"] = (progress) =>
        void tell(() => current.events.progress(job, progress));
      return await work(current, { signal: controller.signal, onProgress });
    } catch (error) {
      throw codedError(error);
    } finally {
      jobs.delete(job);
    }
  };

  return {
    async start({ backend, models }, events) {
      const session = await Session.start(
        host,
        backend,
        ({ code, message }) => void tell(() => events.lost(code, message)),
      );
      started = { session, events, models };
      return session.backend;
    },
    load: (job, model, source) =>
      perform(job, async ({ session, models }, options) => {
        const folder = await resolveSource(source, { models, store: host.store });
        return forgetRefused(host.store, folder.origin, session.load(model, folder, options));
      }),
    classify: (job, images, request) =>
      perform(job, ({ session }, options) => session.classify(images, request, options)),
    caption: (job, images, request) =>
      perform(job, async ({ session, events }, options) => {
        let heard: Promise<unknown> = Promise.resolve(); // events have a port of their own: an answer may overtake them
        const answer = await session.caption(images, request, options, (photo, word) => {
          heard = tell(() => events.word(job, photo, word));
        });
        await heard;
        return answer;
      }),
    explain: (job, image, question) =>
      perform(job, ({ session }, options) => session.explain(image, question, options)),
    explainAll: (job, image, question) =>
      perform(job, async ({ session }, options) => {
        const answer = await session.explainAll(image, question, options);
        return handOver(answer, answer.matrix);
      }),
    explainHeads: (job, image, question) =>
      perform(job, async ({ session }, options) => {
        const answer = await session.explainHeads(image, question, options);
        return handOver(answer, answer.values);
      }),
    measureHeads: (job, image, question) =>
      perform(job, ({ session }, options) => session.measureHeads(image, question, options)),
    measureFaithfulness: (job, image, question) =>
      perform(job, ({ session }, options) => session.measureFaithfulness(image, question, options)),
    unload: async (model) => running().session.unload(model),
    cancel: (job) => jobs.get(job)?.abort(),
    ping: () => undefined,
    status: async () => running().session.status(),
    embeddedModels: async () => listEmbeddedModels(running().models),
    storedModels: () => host.store.list(),
    forgetModel: (origin) => host.store.forget(origin),
  };
}
