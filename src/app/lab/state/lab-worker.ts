import { signal } from "@preact/signals";
import { proxy, wrap, type Remote } from "comlink";
import type { BackendName, JobId } from "../../../../worker/contract/api.ts";
import { abortable } from "../../../../worker/contract/abortable.ts";
import { carryErrorsWhole } from "../../../../worker/contract/error-codec.ts";
import { abortError, VisionError } from "../../../../worker/contract/errors.ts";
import type { LabApi, LabEvents, LessonReport } from "../../../../worker/contract/lab.ts";
import { Pulse } from "../../../client/pulse.ts";

/** A worker that has not started by then will not. */
const START_TIMEOUT = 60_000; // milliseconds

/** Bundlers look for exactly this expression. */
const startWorker = (): Worker =>
  new Worker(new URL("../../../../worker/lab-main.ts", import.meta.url), { type: "module" });

export type Lab = Remote<LabApi>;
export type Send<T> = (lab: Lab, job: JobId) => Promise<T>;

type AskOptions = {
  readonly signal?: AbortSignal | undefined;
  readonly onJob?: ((job: JobId) => void) | undefined; // the number it goes by, to hold it
  readonly onLearned?: ((report: LessonReport) => void) | undefined;
};

/** The lab's worker. It starts with the first question, and the next one starts another where it has died. */
export class LabWorker {
  readonly backend = signal<BackendName | null>(null);
  readonly #refusals = new Set<(reason: Error) => void>();
  readonly #listeners = new Map<JobId, (report: LessonReport) => void>();
  #opening: Promise<Lab> | null = null;
  #end: ((reason: VisionError) => void) | null = null; // of the worker in use
  #lastJob: JobId = 0;

  constructor(readonly start: () => Worker = startWorker) {
    carryErrorsWhole();
  }

  /** Settles with the worker's answer, at once when `signal` is aborted, or with the worker's end. */
  async ask<T>(send: Send<T>, { signal: stop, onJob, onLearned }: AskOptions = {}): Promise<T> {
    const lab = await abortable(this.#open(), stop);
    const job = ++this.#lastJob;
    if (onLearned) this.#listeners.set(job, onLearned);
    onJob?.(job);
    const cancel = (): void => void lab.cancel(job);
    stop?.addEventListener("abort", cancel);
    try {
      if (stop?.aborted) throw abortError();
      return await abortable(this.#whileAlive(send(lab, job)), stop);
    } finally {
      stop?.removeEventListener("abort", cancel);
      this.#listeners.delete(job);
    }
  }

  /** Stops a job between two of its steps, or lets it go on. */
  async hold(job: JobId, held: boolean): Promise<void> {
    await this.ask((lab) => lab.hold(job, held)).catch(() => undefined); // a dead worker holds nothing
  }

  dispose(): void {
    this.#end?.(new VisionError("disposed", "The lab has been closed."));
  }

  #open(): Promise<Lab> {
    this.#opening ??= this.#startAnother().catch((error: unknown) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #startAnother(): Promise<Lab> {
    const worker = this.start();
    const lab = wrap<LabApi>(worker);
    let started = false;
    const die = (what: string): void => {
      const code = started ? "worker-crashed" : "worker-failed-to-start";
      this.#end?.(new VisionError(code, `The lab's worker: ${what || "it stopped"}`));
    };
    const pulse = new Pulse(
      () => lab.ping(),
      () => die("it no longer answers"),
    );
    this.#end = (reason) => {
      this.#end = null;
      this.#opening = null;
      this.backend.value = null;
      pulse.end();
      worker.terminate();
      for (const refuse of this.#refusals) refuse(reason);
    };
    worker.addEventListener("error", (event) => die(event.message));
    worker.addEventListener("messageerror", () => die("a message could not be read"));
    const timer = setTimeout(() => die("it did not start"), START_TIMEOUT);
    const events = proxy<LabEvents>({ learned: (job, report) => this.#listeners.get(job)?.(report) });
    try {
      const { name } = await this.#whileAlive(lab.start(new URL("models/", document.baseURI).href, events));
      started = true;
      pulse.begin();
      this.backend.value = name;
      return lab;
    } catch (error) {
      die("it did not start");
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** comlink's calls on a worker that has died never settle. */
  #whileAlive<T>(call: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#refusals.add(reject);
      call.then(resolve, reject).finally(() => this.#refusals.delete(reject));
    });
  }
}
