import type { StartThread } from "./kernel-threads.ts";
import type { StepKernels } from "./serve-steps.ts";

/** What assembly/index.ts exports; addresses and strides are bytes. */
export type Kernels = {
  lookUp(
    heads: number,
    count: number,
    places: number,
    keys: number,
    keyWidth: number,
    values: number,
    valueWidth: number,
    query: number,
    score: number,
    weights: number,
    mixed: number,
  ): void;
  meanRow(rows: number, width: number, from: number, stride: number, count: number, to: number): void;
  normRows(
    rows: number,
    width: number,
    epsilon: number,
    scale: number,
    shift: number,
    from: number,
    fromStride: number,
    to: number,
    toStride: number,
  ): void;
  openGate(width: number, gate: number, row: number): void;
  packRows(from: number, stride: number, rows: number, depth: number, to: number): void;
  passGates(width: number, gates: number, cell: number, hidden: number): void;
  product(
    a: number,
    aStride: number,
    rows: number,
    depth: number,
    b: number,
    columns: number,
    bias: number,
    activation: number,
    residual: number,
    c: number,
    cStride: number,
  ): void;
} & StepKernels;

/** The builds of the kernels, read when they are wanted. */
export type KernelFiles = {
  readonly relaxed: () => Promise<BufferSource>; // multiplies and adds in one step
  readonly plain: () => Promise<BufferSource>;
};

/** What it takes to run on several threads: builds for shared memory. */
export type ThreadedKernels = KernelFiles & {
  readonly threads: number; // in all
  readonly start: StartThread;
};

/** A build that this machine takes, and the threads to run it on; null for one. */
export type WasmKernels = {
  readonly module: WebAssembly.Module;
  readonly threaded: Pick<ThreadedKernels, "threads" | "start"> | null;
};

let offered: (() => Promise<WasmKernels | null>) | null = null;
let opened: WasmKernels | null = null;

/** What encoders run on; null where there is nothing, or nothing that this machine takes. */
export const wasmKernels = (): WasmKernels | null => opened;

/**
 * Says what there is to be opened: the quickest build that this machine takes; without SIMD it takes none. `threaded`
 * goes first where there is more than one thread to have.
 */
export function offerKernels(alone: KernelFiles, threaded: ThreadedKernels): void {
  const several = threaded.threads > 1;
  offered = async () => {
    const module = await compileKernels(several ? threaded : alone);
    return module && { module, threaded: several ? threaded : null };
  };
}

/** Reads what was offered, once; whichever backend runs, decoders run on that. Throws where it cannot be read. */
export const openKernels = async (): Promise<WasmKernels | null> => (opened ??= (await offered?.()) ?? null);

async function compileKernels({ relaxed, plain }: KernelFiles): Promise<WebAssembly.Module | null> {
  for (const read of [relaxed, plain]) {
    const bytes = await read();
    if (WebAssembly.validate(bytes)) return WebAssembly.compile(bytes);
  }
  return null;
}

export async function startKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<Kernels> {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  return exports as Kernels;
}
