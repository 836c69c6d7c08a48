import type { JobId } from "../../contract/api.ts";
import { VisionError } from "../../contract/errors.ts";
import type { LabApi, LabEvents, LessonId } from "../../contract/lab.ts";
import type { Pause } from "../../contract/turns.ts";
import { layerCosts } from "../../lab/layer-costs.ts";
import { measureReach } from "../../lab/measure-reach.ts";
import { measureSaturation } from "../../lab/measure-saturation.ts";
import { permuteTokens } from "../../lab/permute-tokens.ts";
import { openLesson, type SequenceLesson } from "../../lab/sequence-lesson.ts";
import { showAttention } from "../../lab/show-attention.ts";
import { showPositions } from "../../lab/show-positions.ts";
import { timeLayers } from "../../lab/time-layers.ts";
import { warmUpCurve } from "../../lab/warm-up-curve.ts";
import { chooseBackend } from "../backends/choose-backend.ts";
import type { BackendDriver, StartedBackend } from "../backends/driver.ts";
import { codedError } from "../coded-error.ts";
import { createPace } from "../device/pace.ts";
import { tell } from "../tell.ts";
import { createHold, type Hold } from "./hold.ts";
import type { PictureLab } from "./picture-lab.ts";

type Job = { readonly controller: AbortController; readonly hold: Hold };
type Started = { readonly backend: StartedBackend; readonly events: LabEvents; readonly models: string };
type OpenPictures = (models: string) => Promise<PictureLab>;

/** The protocol between the lab's page and its worker. `openPictures` is called with the first picture. */
export function serveLab(drivers: readonly BackendDriver[], openPictures: OpenPictures): LabApi {
  let started: Started | null = null;
  let pictures: Promise<PictureLab> | null = null;
  const jobs = new Map<JobId, Job>();
  const lessons = new Map<LessonId, SequenceLesson>();

  /** Runs one job beside all others; it gives way to them, and can be held or stopped, wherever it pauses. */
  const perform = async <T>(job: JobId, work: (pause: Pause, events: LabEvents) => T | Promise<T>): Promise<T> => {
    const own: Job = { controller: new AbortController(), hold: createHold() };
    jobs.set(job, own);
    try {
      if (!started) throw new VisionError("internal", "The worker was called before it was started.");
      const { signal } = own.controller;
      const pace = createPace(started.backend, signal);
      const pause: Pause = async () => {
        await own.hold.released(signal);
        await pace();
      };
      await pause(); // what was cancelled while it waited for its turn never runs
      return await work(pause, started.events);
    } catch (error) {
      throw codedError(error);
    } finally {
      jobs.delete(job);
    }
  };

  const pictureLab = (): Promise<PictureLab> => {
    pictures ??= openPictures(started!.models).catch((error: unknown) => {
      pictures = null; // without a network, say; the next question tries again
      throw error;
    });
    return pictures;
  };

  const lessonOf = (id: LessonId): SequenceLesson => {
    const lesson = lessons.get(id);
    if (lesson) return lesson;
    throw new VisionError("model-not-loaded", `lesson: wanted one that is open, got ${id}; open it first`);
  };

  return {
    async start(models, events) {
      const { started: backend, report } = await chooseBackend("auto", drivers, () => undefined);
      started = { backend, events, models };
      return report;
    },
    showAttention: (job, question) => perform(job, () => showAttention(question)),
    measureSaturation: (job, question, scaled) => perform(job, () => measureSaturation(question, scaled)),
    showPositions: (job, { count, width }) => perform(job, () => showPositions(count, width)),
    permuteTokens: (job, question) => perform(job, () => permuteTokens(question)),
    layerCosts: (job, sizes) => perform(job, () => layerCosts(sizes)),
    timeLayers: (job, sizes) => perform(job, (pause) => timeLayers(sizes, pause)),
    measureReach: (job, question) => perform(job, () => measureReach(question)),
    warmUpCurve: (job, { width, warmup, updates }) => perform(job, () => warmUpCurve(width, warmup, updates)),
    openLesson: (job, id, plan) => perform(job, () => void lessons.set(id, openLesson(plan))),
    learn: (job, id) =>
      perform(job, (pause, events) =>
        lessonOf(id).learn(
          pause,
          ({ update, of, loss, rate }) => void tell(() => events.learned(job, { update, of, loss, rate })),
        ),
      ),
    examine: (job, id) => perform(job, (pause) => lessonOf(id).examine(pause)),
    write: (job, id, text) => perform(job, (pause) => lessonOf(id).write(text, pause)),
    closeLesson(id) {
      lessons.get(id)?.dispose();
      lessons.delete(id);
    },
    showHeads: (job, picture, layer) =>
      perform(job, async (pause) => (await pictureLab()).showHeads(picture, layer, pause)),
    followToken: (job, picture, layer, token) =>
      perform(job, async (pause) => (await pictureLab()).followToken(picture, layer, token, pause)),
    showMapAttention: (job, picture, gate) =>
      perform(job, async (pause) => (await pictureLab()).showMapAttention(picture, gate, pause)),
    hold: (job, held) => jobs.get(job)?.hold.set(held),
    cancel: (job) => jobs.get(job)?.controller.abort(),
    ping: () => undefined,
  };
}
