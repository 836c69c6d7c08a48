import type { StartThread } from "./encoder-threads.ts";
import type { StepKernels } from "./serve-steps.ts";

/** What assembly/index.ts exports; addresses and strides are bytes. */
export type Kernels = {
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
  packColumns(
    from: number,
    stride: number,
    rows: number,
    columns: number,
    first: number,
    depth: number,
    to: number,
  ): void;
  packRows(from: number, stride: number, rows: number, depth: number, first: number, to: number): void;
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
export type EncoderKernels = {
  readonly module: WebAssembly.Module;
  readonly threaded: Pick<ThreadedKernels, "threads" | "start"> | null;
};

let provided: EncoderKernels | null = null;

/** What encoders run on from now on; null where there is nothing, or nothing that this machine takes. */
export const encoderKernels = (): EncoderKernels | null => provided;

/**
 * Makes the quickest build that this machine takes the one that encoders run on; without SIMD it takes none. `threaded`
 * goes first where there is more than one thread to have.
 */
export async function provideKernels(alone: KernelFiles, threaded: ThreadedKernels): Promise<void> {
  const several = threaded.threads > 1;
  const module = await compileKernels(several ? threaded : alone);
  provided = module && { module, threaded: several ? threaded : null };
}

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
