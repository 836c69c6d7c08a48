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
  const perform = async <T>(
    job: JobId,
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
      perform(job, ({ session, events }, options, say) =>
        session.caption(images, request, options, (photo, word) => say(() => events.word(job, photo, word))),
      ),
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
