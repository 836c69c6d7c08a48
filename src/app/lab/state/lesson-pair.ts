import { batch, signal } from "@preact/signals";
import type { JobId } from "../../../../worker/contract/api.ts";
import { isAbortError } from "../../../../worker/contract/errors.ts";
import type { Examination, LessonId, LessonPlan, LessonReport } from "../../../../worker/contract/lab.ts";
import type { LabWorker } from "./lab-worker.ts";
import { NO_PACE, noteUpdate, pausePace, timeLeft } from "./pace.ts";

type Two<T> = readonly [T, T];

/** No two lessons of a page have the same number. */
let lastLesson: LessonId = 0;

/** Two models that learn at the same time, an update each in turn, so that they have had the same whenever they stop. */
export class LessonPair {
  readonly phase = signal<"idle" | "learning" | "examining">("idle");
  readonly reports = signal<Two<readonly LessonReport[]>>([[], []]);
  readonly exams = signal<Two<Examination> | null>(null); // once both have stopped
  readonly lessons = signal<Two<LessonId> | null>(null); // which can be asked then
  readonly left = signal<number | null>(null); // ms of learning that are left, once they can be told
  readonly failure = signal<unknown>(null);
  readonly #jobs = new Set<JobId>();
  #open: LessonId[] = [];
  #stopping = new AbortController();
  #held = false;
  #pace = NO_PACE; // of the first; the other learns in between

  constructor(readonly worker: LabWorker) {}

  /** Resolves when all is over, whatever became of it. */
  async train(plans: Two<LessonPlan>): Promise<void> {
    this.#close();
    batch(() => {
      this.phase.value = "learning";
      this.reports.value = [[], []];
      this.exams.value = null;
      this.left.value = null;
      this.failure.value = null;
    });
    this.#pace = NO_PACE;
    this.#stopping = new AbortController();
    try {
      const ids = await this.#openBoth(plans);
      await Promise.all([this.#learn(ids[0], 0), this.#learn(ids[1], 1)]);
      this.phase.value = "examining";
      const exams = await Promise.all([this.#examine(ids[0]), this.#examine(ids[1])]);
      batch(() => {
        this.exams.value = exams;
        this.lessons.value = ids;
      });
    } catch (error) {
      this.#stopping.abort(); // the other of the two
      this.failure.value = error;
    }
    this.phase.value = "idle";
  }

  /** Ends the learning; both are examined as they are. */
  stop(): void {
    this.#stopping.abort();
  }

  /** What is off screen waits. */
  hold(held: boolean): void {
    this.#held = held;
    this.#pace = pausePace(this.#pace);
    for (const job of this.#jobs) void this.worker.hold(job, held);
  }

  async #openBoth(plans: Two<LessonPlan>): Promise<Two<LessonId>> {
    const ids: Two<LessonId> = [++lastLesson, ++lastLesson];
    this.#open = [...ids];
    await this.worker.ask((lab, job) => lab.openLesson(job, ids[0], plans[0]));
    await this.worker.ask((lab, job) => lab.openLesson(job, ids[1], plans[1]));
    return ids;
  }

  async #learn(lesson: LessonId, which: 0 | 1): Promise<void> {
    const own: JobId[] = [];
    try {
      await this.worker.ask((lab, job) => lab.learn(job, lesson), {
        signal: this.#stopping.signal,
        onJob: (job) => {
          own.push(job);
          this.#jobs.add(job);
        },
        onLearned: (report) => this.#note(report, which),
      });
    } catch (error) {
      if (!isAbortError(error)) throw error;
    } finally {
      for (const job of own) this.#jobs.delete(job);
    }
  }

  #note(report: LessonReport, which: 0 | 1): void {
    if (report.update === 1 && this.#held) this.hold(true); // left the screen before it began
    if (which === 0) this.#measure(report);
    const [first, second] = this.reports.peek();
    this.reports.value = which === 0 ? [[...first, report], second] : [first, [...second, report]];
  }

  #measure({ update, of }: LessonReport): void {
    this.#pace = noteUpdate(this.#pace, update, performance.now());
    if (this.#held) this.#pace = pausePace(this.#pace); // the update that was under way ends first
    this.left.value = timeLeft(this.#pace, of);
  }

  #examine(lesson: LessonId): Promise<Examination> {
    return this.worker.ask((lab, job) => lab.examine(job, lesson));
  }

  #close(): void {
    this.lessons.value = null;
    for (const id of this.#open) void this.worker.ask((lab) => lab.closeLesson(id)).catch(() => undefined);
    this.#open = [];
  }
}
