import { VisionError } from "../../contract/errors.ts";

const PAGE = 65_536; // bytes
const MOST_PAGES = 65_536; // 4 GiB, all that there are addresses for
export const LINE = 64; // bytes of a cache line
const FIRST = 2048; // bytes; the kernels' constants lie from 1024 on, where AssemblyScript puts them

export const roundUp = (count: number, to: number): number => Math.ceil(count / to) * to;

/** The memory of an engine, which is taken from its start upwards. */
export class LinearMemory {
  readonly memory: WebAssembly.Memory;
  #end = FIRST; // address 0 is "none", and threads agree by what lies there

  /** Shared with threads where `sharedBytes` says how far it may grow, for that has to be said. Throws `out-of-memory`. */
  constructor(sharedBytes: number | null) {
    const bytes = sharedBytes ?? PAGE;
    const maximum = Math.min(Math.ceil(bytes / PAGE), MOST_PAGES);
    const limits = sharedBytes === null ? { initial: 1 } : { initial: 1, maximum, shared: true };
    this.memory = orOutOfMemory(() => new WebAssembly.Memory(limits), bytes);
  }

  /** The first byte that is not taken. */
  get end(): number {
    return this.#end;
  }

  get bytes(): number {
    return this.memory.buffer.byteLength;
  }

  /** The address of so many bytes. Throws `out-of-memory`. */
  take(bytes: number): number {
    const address = this.#end;
    this.#end = roundUp(address + bytes, LINE);
    this.reach(this.#end);
    return address;
  }

  /** Gives back all from an address upwards; the memory stays, for what is taken next. */
  giveBack(from: number): void {
    this.#end = from;
  }

  /** Makes sure that all below an address is there. */
  reach(address: number): void {
    const missing = Math.ceil((address - this.bytes) / PAGE);
    if (missing <= 0) return;
    orOutOfMemory(() => this.memory.grow(missing), address);
  }

  /** A view, good until memory is taken again. */
  floats(address: number, count: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, count);
  }

  integers(address: number, count: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, count);
  }
}

function orOutOfMemory<T>(work: () => T, bytes: number): T {
  try {
    return work();
  } catch (cause) {
    const megabytes = Math.ceil(bytes / 2 ** 20);
    throw new VisionError("out-of-memory", `The model wants ${megabytes} MB of WebAssembly memory, got none.`, {
      cause,
    });
  }
}
