import type { BackendReport, StartRequest } from "../../worker/contract/api.ts";
import { abortable } from "../../worker/contract/abortable.ts";
import { disposedError, VisionError } from "../../worker/contract/errors.ts";
import { Connection, onThePage } from "./connection.ts";
import type { StartWorker } from "./start-worker.ts";
import type { VisionOptions } from "./vision.ts";

type Restarted = (connection: Connection) => void;

/** A worker that is replaced when it dies, for as long as it is not disposed. */
export class LivingWorker {
  readonly #ending = new AbortController();
  #request: StartRequest;
  #connection: Promise<Connection> | null = null;
  #running: Connection | null = null;
  #deathCause: VisionError | null = null;

  /** `onRestart` is the caller's own; `onRestarted` is given each connection that took another's place. */
  constructor(
    readonly startWorker: StartWorker,
    request: StartRequest,
    readonly onRestart: VisionOptions["onRestart"],
    readonly onRestarted: Restarted,
  ) {
    this.#request = request;
  }

  /** What the worker computes on; of the last one while another is being started. */
  get backend(): BackendReport {
    return this.#running!.backend; // there is one once `connect` has resolved
  }

  /** The worker in use, or a new one where there is none; calls at the same time share it. */
  connect(signal?: AbortSignal): Promise<Connection> {
    if (this.#ending.signal.aborted) return Promise.reject(disposedError());
    this.#connection ??= this.#open().catch((error: unknown) => {
      this.#connection = null; // so that the next call tries again
      throw this.#ending.signal.aborted ? disposedError() : error;
    });
    return abortable(this.#connection, signal);
  }

  /** What comes of `work`; an AbortError as soon as `signal` is aborted, `disposed` as soon as `dispose` is called. */
  async whileAlive<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await abortable(abortable(work, signal), this.#ending.signal);
    } catch (error) {
      throw this.#ending.signal.aborted ? disposedError() : error;
    }
  }

  /** Ends the worker, also one that is still starting. Calls under way, and all later ones, reject with `disposed`. */
  dispose(): void {
    this.#ending.abort();
    this.#running?.close(disposedError());
  }

  async #open(): Promise<Connection> {
    const connection = await this.#openOnWhatIsLeft();
    const replaced = this.#running !== null;
    this.#running = connection;
    if (replaced) this.#tellRestart(connection);
    return connection;
  }

  /** Browsers refuse WebGL to a page that has lost it too often; better another backend then than none. */
  async #openOnWhatIsLeft(): Promise<Connection> {
    const open = () =>
      Connection.open(this.startWorker, this.#request, (reason) => this.#replace(reason), this.#ending.signal);
    try {
      return await open();
    } catch (error) {
      const refused = error instanceof VisionError && error.code === "backend-unavailable";
      if (!refused || this.#deathCause?.code !== "context-lost") throw error;
      this.#request = { ...this.#request, backend: "auto" };
      return open();
    }
  }

  #replace(reason: VisionError): void {
    if (this.#ending.signal.aborted) return;
    this.#deathCause = reason;
    this.#connection = null;
    this.#request = { ...this.#request, preload: undefined }; // the models that were loaded are loaded again
    this.connect().catch(() => undefined); // the next call tries again and tells its own caller
  }

  #tellRestart(connection: Connection): void {
    const reason = this.#deathCause?.message ?? "The worker stopped.";
    this.onRestarted(connection);
    onThePage(() => this.onRestart?.(reason, connection.backend));
  }
}
