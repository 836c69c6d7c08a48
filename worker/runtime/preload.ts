import type { CallOptions, Progress } from "../contract/progress.ts";

/** Files that are fetched before anybody has asked for them. */
export class Preload<Opened> {
  readonly #ending = new AbortController();
  readonly #opened: Promise<Opened>;
  #failed = false;
  #progress: Progress | null = null;
  #tell: CallOptions["onProgress"];

  constructor(open: (options: CallOptions) => Promise<Opened>) {
    const onProgress = (progress: Progress): void => {
      this.#progress = progress;
      this.#tell?.(progress);
    };
    this.#opened = open({ signal: this.#ending.signal, onProgress });
    this.#opened.catch(() => (this.#failed = true));
  }

  /**
   * For the one call that wants them: its signal ends the fetching, and it is told how far that is. `undefined` where
   * they could not be had: it may fare better by now.
   */
  take({ signal, onProgress }: CallOptions): Promise<Opened> | undefined {
    if (this.#failed) return undefined;
    this.#tell = onProgress;
    if (this.#progress) onProgress?.(this.#progress);
    if (signal?.aborted) this.drop();
    signal?.addEventListener("abort", () => this.drop());
    return this.#opened;
  }

  /** Nobody wants them. */
  drop(): void {
    this.#ending.abort();
  }
}
