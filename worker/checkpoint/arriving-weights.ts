import { VisionError } from "../contract/errors.ts";
import type { HostTensor, HostTensors } from "../contract/host-tensor.ts";
import { readArrivingTensors } from "./read-tensors.ts";

/** Resolves once all bytes of these tensors are there; rejects where they will not come. */
export type Until = (tensors: Iterable<HostTensor>) => Promise<void>;

type Waiting = { readonly end: number; readonly resolve: () => void; readonly reject: (error: Error) => void };

/**
 * A file of weights on its way. As soon as its header is there, `open` makes something of its tensors, or throws, and
 * `onOpened` is told; their bytes come later.
 */
export class ArrivingWeights<Opened> {
  #file: Uint8Array | null = null;
  #opened: Opened | null = null;
  #arrived = 0; // bytes
  #longer = false; // than it was told to be
  #failure: Error | null = null;
  #waiting: Waiting[] = [];

  constructor(
    readonly what: string,
    readonly open: (tensors: HostTensors) => Opened,
    readonly onOpened: ((opened: Opened, until: Until) => void) | undefined,
  ) {}

  /** For `ModelFolder.read`. Throws what `open` throws. */
  readonly onArrived = (file: Uint8Array, arrived: number): void => {
    if (this.#file) return this.#advance(file, arrived);
    const tensors = this.#longer ? null : this.#read(file, arrived);
    if (!tensors) return;
    this.#opened = this.open(tensors);
    this.#file = file;
    this.#advance(file, arrived);
    this.onOpened?.(this.#opened, this.#until);
  };

  /** The whole file is here, and good. What was made of its tensors; `null`: of others, or of none yet. */
  end(file: Uint8Array): Opened | null {
    this.#advance(file, file.length);
    return this.#failure ? null : this.#opened;
  }

  /** No more of it will come. */
  fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }

  /** A host of another origin may compress a file and tell but that length: only the whole shows if something is missing. */
  #read(file: Uint8Array, arrived: number): HostTensors | null {
    try {
      return readArrivingTensors(file, arrived, this.what);
    } catch (error) {
      if (!(error instanceof VisionError) || error.code !== "safetensors-truncated") throw error;
      this.#longer = true;
      return null;
    }
  }

  #advance(file: Uint8Array, arrived: number): void {
    if (file.buffer !== this.#file?.buffer) return this.fail(new Error(`${this.what}: the download was begun anew`));
    this.#arrived = arrived;
    const there = this.#waiting.filter(({ end }) => end <= arrived);
    this.#waiting = this.#waiting.filter(({ end }) => end > arrived);
    for (const { resolve } of there) resolve();
  }

  readonly #until: Until = (tensors) => {
    if (this.#failure) return Promise.reject(this.#failure);
    const ends = Array.from(tensors, ({ bytes }) => bytes.byteOffset + bytes.byteLength);
    const end = Math.max(0, ...ends) - this.#file!.byteOffset;
    if (end <= this.#arrived) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiting.push({ end, resolve, reject }));
  };
}
