import { proxy, wrap, type Remote } from "comlink";
import type {
  BackendReport,
  ImageMessage,
  JobId,
  StartRequest,
  VisionApi,
  VisionEvents,
} from "../../worker/contract/api.ts";
import type { CaptionWord } from "../../worker/contract/caption.ts";
import { carryErrorsWhole } from "../../worker/contract/error-codec.ts";
import { abortedBy, abortError, VisionError } from "../../worker/contract/errors.ts";
import type { CallOptions } from "../../worker/contract/progress.ts";
import { Pulse } from "./pulse.ts";
import type { StartWorker } from "./start-worker.ts";

/** A worker that has not started by then, its script and kernels loaded, will not. */
const START_TIMEOUT = 60_000; // milliseconds

type Send<T> = (api: Remote<VisionApi>, job: JobId) => Promise<T>;

/** What a call is told while it is under way. */
type CallListeners = Pick<CallOptions, "onProgress"> & {
  readonly onWord?: ((word: CaptionWord, photo: number) => void) | undefined;
  readonly picture?: ((photo: number) => Promise<ImageMessage>) | undefined;
};

/** One worker, from its start to its end. No call on it stays open when it dies. */
export class Connection {
  readonly #worker: Worker;
  readonly #api: Remote<VisionApi>; // held here: comlink drops the calls of a proxy that is collected
  readonly #pending = new Set<(reason: VisionError) => void>();
  readonly #listeners = new Map<JobId, CallListeners>();
  readonly #onGone: (reason: VisionError) => void;
  readonly #pulse: Pulse;
  #end: VisionError | null = null;
  #lastJob: JobId = 0;
  #started = false;
  #backend: BackendReport | null = null;

  private constructor(startWorker: StartWorker, onGone: (reason: VisionError) => void) {
    carryErrorsWhole();
    this.#worker = startWorker();
    this.#api = wrap<VisionApi>(this.#worker);
    this.#onGone = onGone;
    this.#pulse = new Pulse(
      () => this.#api.ping(),
      () => this.#die("it no longer answers"),
    );
    this.#worker.addEventListener("error", (event) => this.#die(event.message));
    this.#worker.addEventListener("messageerror", () => this.#die("a message could not be read"));
  }

  /**
   * Starts a worker and its backend; `onGone` is told if it dies after that.
   * Rejects with `worker-failed-to-start`, `backend-unavailable` or an AbortError.
   */
  static async open(
    startWorker: StartWorker,
    request: StartRequest,
    onGone: (reason: VisionError) => void,
    signal: AbortSignal,
  ): Promise<Connection> {
    const connection = new Connection(startWorker, onGone);
    const timer = setTimeout(() => connection.#die("it did not answer"), START_TIMEOUT);
    try {
      const events = proxy<VisionEvents>({
        progress: (job, progress) => onThePage(() => connection.#listeners.get(job)?.onProgress?.(progress)),
        word: (job, photo, word) => onThePage(() => connection.#listeners.get(job)?.onWord?.(word, photo)),
        picture: async (job, photo) => {
          const { picture } = connection.#listeners.get(job) ?? {};
          if (picture) return picture(photo);
          throw abortError(); // the call is over
        },
        lost: (code, message) => connection.#gone(new VisionError(code, message)),
      });
      connection.#backend = await connection.call((api) => api.start(request, events), { signal });
      connection.#started = true;
      return connection;
    } catch (error) {
      connection.close(new VisionError("worker-failed-to-start", "The worker did not start."));
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  get backend(): BackendReport {
    return this.#backend!; // set before `open` resolves
  }

  /** Makes one call. Settles with the worker's answer, at once when `signal` is aborted, or with the worker's end. */
  call<T>(send: Send<T>, { signal, ...listeners }: CallOptions & CallListeners = {}): Promise<T> {
    if (this.#end) return Promise.reject(this.#end);
    if (signal?.aborted) return Promise.reject(abortedBy(signal));
    const job = ++this.#lastJob;
    let refuse: (reason: Error) => void = () => undefined;
    const stop = (): void => {
      void this.#api.cancel(job);
      refuse(abortedBy(signal!));
    };
    const answer = new Promise<T>((resolve, reject) => {
      refuse = reject;
      send(this.#api, job).then(resolve, (error: Error) => {
        if (error instanceof VisionError && error.code === "context-lost") this.#gone(error); // `lost` may come later
        reject(error);
      });
    });
    this.#pending.add(refuse);
    this.#listeners.set(job, listeners);
    signal?.addEventListener("abort", stop);
    this.#pulse.begin();
    return answer.finally(() => {
      this.#pending.delete(refuse);
      if (this.#pending.size === 0) this.#pulse.end();
      this.#listeners.delete(job);
      signal?.removeEventListener("abort", stop);
    });
  }

  /** Ends the worker; calls still open reject with `reason`. */
  close(reason: VisionError): void {
    if (this.#end) return;
    this.#end = reason;
    this.#pulse.end();
    this.#worker.terminate();
    for (const refuse of this.#pending) refuse(reason);
  }

  #die(message: string): void {
    const detail = message ? `: ${message}` : "";
    this.#gone(
      this.#started
        ? new VisionError("worker-crashed", `The worker stopped${detail}. The next call starts another.`)
        : new VisionError(
            "worker-failed-to-start",
            `The worker did not start${detail}. Check its URL, and that the page's Content-Security-Policy lets it start.`,
          ),
    );
  }

  #gone(reason: VisionError): void {
    if (this.#end) return;
    this.close(reason);
    if (this.#started) this.#onGone(reason);
  }
}

/** Calls back into the page. What it throws is the page's own error: told there, and no affair of the worker's. */
export function onThePage(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    reportError(error);
  }
}
