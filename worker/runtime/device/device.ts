import type { BackendChoice, BackendReport } from "../../contract/api.ts";
import { VisionError } from "../../contract/errors.ts";
import type { Pause } from "../../contract/turns.ts";
import { chooseBackend } from "../backends/choose-backend.ts";
import { closeBackend } from "../backends/close-backend.ts";
import type { BackendDriver, StartedBackend } from "../backends/driver.ts";
import { codedError, outOfMemory } from "../coded-error.ts";
import { JobQueue, type StepAside } from "./job-queue.ts";
import { Loss } from "./loss.ts";
import { createPace } from "./pace.ts";

/** The one backend of a session, its queue, and its end. */
export class Device {
  readonly report: BackendReport;
  readonly #started: StartedBackend;
  readonly #queue = new JobQueue();
  readonly #loss: Loss;

  private constructor(report: BackendReport, started: StartedBackend, loss: Loss) {
    this.report = report;
    this.#started = started;
    this.#loss = loss;
  }

  /** Starts a backend. `onLost` is told when it goes away; from then on every job rejects with `context-lost`. */
  static async open(
    choice: BackendChoice,
    drivers: readonly BackendDriver[],
    onLost: (error: VisionError) => void,
  ): Promise<Device> {
    const loss = new Loss();
    const { report, started } = await chooseBackend(choice, drivers, (reason) => {
      const error = new VisionError("context-lost", `${reason} Starting again.`);
      loss.tell(error);
      onLost(error);
    });
    return new Device(report, started, loss);
  }

  get queued(): number {
    return this.#queue.length;
  }

  /**
   * Runs one job when all earlier ones have ended. Rejects with an AbortError as soon as `signal` is aborted, with
   * `context-lost` as soon as the device is gone: reading from a lost context would never settle, or give zeros.
   */
  run<T>(work: (pause: Pause, stepAside: StepAside) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const expectSound = (): void => {
      if (this.#started.isLost()) throw new VisionError("context-lost", "The GPU went away during the call.");
      if (this.#started.ranOutOfMemory()) throw outOfMemory();
    };
    const pace = createPace(this.#started, signal);
    const pause: Pause = async () => {
      await pace();
      this.#loss.throwIfTold(); // nobody waits for the rest
    };
    const job = async (stepAside: StepAside): Promise<T> => {
      const aside: StepAside = async (until) => {
        expectSound(); // what went wrong is no fault of whoever comes meanwhile
        await stepAside(until);
      };
      try {
        const result = await this.#loss.unless(() => work(pause, aside));
        expectSound();
        return result;
      } catch (error) {
        throw codedError(error);
      }
    };
    return this.#queue.run(job, signal);
  }

  /** Ends the backend and frees what it holds; every job rejects with `disposed`. */
  close(): void {
    this.#loss.tell(new VisionError("disposed", "The session has been disposed; start another."));
    closeBackend(this.report.name);
  }
}
