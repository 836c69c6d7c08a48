import type { DeclaredEncoder } from "../checkpoint/config/declared-encoder.ts";
import type { ArrivingModel, OpenOptions } from "../checkpoint/open-model.ts";
import type { Progress } from "../contract/progress.ts";

/** Files that are fetched before anybody has asked for them. */
export class Preload<Opened> {
  readonly #ending = new AbortController();
  readonly #opened: Promise<Opened>;
  #failed = false;
  #progress: Progress | null = null;
  #declared: DeclaredEncoder | null = null;
  #arriving: ArrivingModel | null = null;
  #tell: OpenOptions = {};

  constructor(open: (options: OpenOptions) => Promise<Opened>) {
    const onProgress = (progress: Progress): void => {
      this.#progress = progress;
      this.#tell.onProgress?.(progress);
    };
    const onDeclared = (encoder: DeclaredEncoder): void => {
      this.#declared = encoder;
      this.#tell.onDeclared?.(encoder);
    };
    const onArriving = (model: ArrivingModel): void => {
      this.#arriving = model;
      this.#tell.onArriving?.(model);
    };
    this.#opened = open({ signal: this.#ending.signal, onProgress, onDeclared, onArriving });
    this.#opened.catch(() => (this.#failed = true));
  }

  /**
   * For the one call that wants them: its signal ends the fetching, and it is told what is known and how far that is.
   * `undefined` where they could not be had: it may fare better by now.
   */
  take(options: OpenOptions): Promise<Opened> | undefined {
    if (this.#failed) return undefined;
    const { signal, onProgress, onDeclared, onArriving } = (this.#tell = options);
    if (this.#progress) onProgress?.(this.#progress);
    if (this.#declared) onDeclared?.(this.#declared);
    if (this.#arriving) onArriving?.(this.#arriving);
    if (signal?.aborted) this.drop();
    signal?.addEventListener("abort", () => this.drop());
    return this.#opened;
  }

  /** Nobody wants them. */
  drop(): void {
    this.#ending.abort();
  }
}
