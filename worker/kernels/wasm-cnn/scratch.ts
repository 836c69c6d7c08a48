import type { LinearMemory } from "../wasm/linear-memory.ts";
import type { Machine } from "../wasm/wasm-engine.ts";

/** Memory for what is forgotten once a convolution is done: each takes all of it, one after another. */
export class Scratch {
  #bytes = 0;
  #address = 0;

  /** The address, once it is taken. */
  get address(): number {
    return this.#address;
  }

  /** Says how much one convolution will use. */
  want(bytes: number): void {
    this.#bytes = Math.max(this.#bytes, bytes);
  }

  /** Takes what the one that wants most wants. Throws `out-of-memory`. */
  takeFrom(memory: LinearMemory): void {
    this.#address = memory.take(this.#bytes);
  }
}

/** A machine on which a batch is laid out. */
export type CnnMachine = Machine & { readonly scratch: Scratch };
