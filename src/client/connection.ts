import { proxy, wrap, type Remote } from "comlink";
import type { BackendReport, JobId, StartRequest, VisionApi } from "../../worker/contract/api.ts";
import { carryErrorsWhole } from "../../worker/contract/error-codec.ts";
import { abortError, VisionError } from "../../worker/contract/errors.ts";
import type { CallOptions } from "../../worker/contract/progress.ts";
import type { StartWorker } from "./start-worker.ts";

/** A worker that has said nothing at all by then will not say anything. */
const START_TIMEOUT = 60_000; // milliseconds

export type Gone = (reason: VisionError) => void;

/** One worker, from its start to its end. No call on it stays open when it dies. */
export class Connection {
  readonly #worker: Worker;
  readonly #api: Remote<VisionApi>; // held here: comlink drops the calls of a proxy that is collected
  readonly #pending = new Set<(reason: VisionError) => void>();
  readonly #listeners = new Map<JobId, NonNullable<CallOptions["onProgress"]>>();
  readonly #onGone: Gone;
  #end: VisionError | null = null;
  #lastJob: JobId = 0;
  #started = false;
  #backend: BackendReport | null = null;

  private constructor(worker: Worker, onGone: Gone) {
    carryErrorsWhole();
    this.#worker = worker;
    this.#api = wrap<VisionApi>(worker);
    this.#onGone = onGone;
    worker.addEventListener("error", (event) => this.#die(event.message));
    worker.addEventListener("messageerror", () => this.#die("a message could not be read"));
  }

  /** Starts a worker and its backend. Rejects with `worker-failed-to-start`, `backend-unavailable` or an AbortError. */
  static async open(startWorker: StartWorker, request: StartRequest, onGone: Gone, signal?: AbortSignal) {
    signal?.throwIfAborted();
    const connection = new Connection(startWorker(), onGone);
    const timer = setTimeout(() => connection.#die("it did not answer"), START_TIMEOUT);
    try {
      connection.#backend = await connection.call((api) => api.start(request, proxy(connection.#events())), { signal });
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
  call<T>(
    send: (api: Remote<VisionApi>, job: JobId) => Promise<T>,
    { signal, onProgress }: CallOptions = {},
  ): Promise<T> {
    if (this.#end) return Promise.reject(this.#end);
    if (signal?.aborted) return Promise.reject(abortError());
    const job = ++this.#lastJob;
    let refuse: (reason: Error) => void = () => undefined;
    const stop = (): void => {
      void this.#api.cancel(job);
      refuse(abortError());
    };
    const answer = new Promise<T>((resolve, reject) => {
      refuse = reject;
      send(this.#api, job).then(resolve, reject);
    });
    this.#pending.add(refuse);
    if (onProgress) this.#listeners.set(job, onProgress);
    signal?.addEventListener("abort", stop);
    return answer.finally(() => {
      this.#pending.delete(refuse);
      this.#listeners.delete(job);
      signal?.removeEventListener("abort", stop);
    });
  }

  /** Ends the worker; calls still open reject with `reason`. */
  close(reason: VisionError): void {
    if (this.#end) return;
    this.#end = reason;
    this.#worker.terminate();
    for (const reject of this.#pending) reject(reason);
    this.#pending.clear();
    this.#listeners.clear();
  }

  #events() {
    return {
      progress: (job: JobId, progress: Parameters<NonNullable<CallOptions["onProgress"]>>[0]) =>
        this.#listeners.get(job)?.(progress),
      lost: (code: VisionError["code"], message: string) => this.#gone(new VisionError(code, message)),
    };
  }

  #die(message: string): void {
    const detail = message ? `: ${message}` : "";
    this.#gone(
      this.#started
        ? new VisionError("worker-crashed", `The worker stopped${detail}. The next call starts another.`)
        : new VisionError("worker-failed-to-start", `The worker did not start${detail}. Check that its URL is right.`),
    );
  }

  #gone(reason: VisionError): void {
    if (this.#end) return;
    this.close(reason);
    if (this.#started) this.#onGone(reason);
  }
}
