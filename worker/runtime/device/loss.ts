import type { VisionError } from "../../contract/errors.ts";

/** The end of a device, lost or closed, for whoever waits for something of it. */
export class Loss {
  #error: VisionError | null = null;
  readonly #rejects = new Set<(error: VisionError) => void>(); // of what is under way

  tell(error: VisionError): void {
    this.#error ??= error;
    for (const reject of this.#rejects) reject(this.#error);
  }

  throwIfTold(): void {
    if (this.#error) throw this.#error;
  }

  /**
   * What `work` gives, unless the device ends before. Nothing holds on to it behind that: a race with a promise that
   * never settles would keep every answer there was.
   */
  async unless<T>(work: () => Promise<T>): Promise<T> {
    this.throwIfTold();
    return new Promise((resolve, reject) => {
      this.#rejects.add(reject);
      work()
        .then(resolve, reject)
        .finally(() => this.#rejects.delete(reject));
    });
  }
}
