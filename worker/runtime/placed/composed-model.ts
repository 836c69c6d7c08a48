import type { Pause } from "../../contract/turns.ts";
import { allOf, type AwaitParameters } from "../../kernels/parameter-reader.ts";

/** How a model is made of tensors, and given back. */
type Make<Model> = {
  readonly build: (pause?: Pause) => Promise<Model>;
  readonly release: (model: Model) => void;
};

/**
 * A model made of tensors, while it is needed. Beside an engine that is for one call: it gives no gradients and takes
 * no images of another size, but its weights do not stay on the device twice.
 */
export class ComposedModel<Model> {
  #model: Model | null = null;

  constructor(
    readonly make: Make<Model>,
    readonly besideEngine: boolean,
  ) {}

  /** Where there is no engine. */
  async place(there: AwaitParameters): Promise<Model> {
    const all = allOf(there);
    await all();
    return this.build(all);
  }

  async build(pause?: Pause): Promise<Model> {
    return (this.#model ??= await this.make.build(pause));
  }

  /** Runs what may build the model. */
  async during<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    try {
      return await work();
    } finally {
      if (this.besideEngine) this.release();
    }
  }

  release(): void {
    if (this.#model) this.make.release(this.#model);
    this.#model = null;
  }
}
