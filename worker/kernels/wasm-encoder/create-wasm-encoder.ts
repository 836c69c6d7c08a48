import { VisionError } from "../../contract/errors.ts";
import type { EncoderEngine, EncoderPlan, EncoderRun, EncoderStage } from "../encoder-engine.ts";
import type { EngineArray } from "../engine.ts";
import { layOutRun, prepareStep, type EncoderFrame } from "./encoder-frame.ts";
import { EncoderThreads } from "./encoder-threads.ts";
import { startKernels, type EncoderKernels, type Kernels } from "./kernels.ts";
import { LinearMemory } from "./linear-memory.ts";
import { placeParameters, type PlacedParameters } from "./place-parameters.ts";
import { readOut } from "./read-out.ts";
import { readRows } from "./rows.ts";
import { runStep, type Step } from "./serve-steps.ts";

/** A model in WebAssembly memory. */
type Placed = {
  readonly plan: EncoderPlan;
  readonly parameters: PlacedParameters;
  readonly kernels: Kernels;
  readonly memory: LinearMemory;
  readonly parametersEnd: number;
  readonly threads: EncoderThreads | null;
};

/**
 * A Vision Transformer (one that `fitsKernels`) as one WebAssembly module: parameters by the names of
 * `vitParameterShapes`, packed once; activations for the largest batch so far. `pause` is awaited between blocks while
 * they are placed. The engine runs one batch at a time. Throws `out-of-memory`.
 */
export async function createWasmEncoder(
  plan: EncoderPlan,
  read: (name: string) => Float32Array,
  { module, threaded }: EncoderKernels,
  pause?: () => Promise<void>,
): Promise<EncoderEngine> {
  const memory = new LinearMemory(threaded && mostBytes(plan));
  const kernels = await startKernels(module, memory.memory);
  const threads = threaded && new EncoderThreads(threaded.threads - 1, threaded.start, module, memory.memory);
  let placed: Placed | null;
  try {
    const parameters = await placeParameters(plan, read, kernels, memory, pause);
    placed = { plan, parameters, kernels, memory, parametersEnd: memory.end, threads };
  } catch (error) {
    threads?.end();
    throw error;
  }
  return {
    run: async (images, run) => {
      if (placed) return runEncoder(placed, images, run);
      throw new VisionError("disposed", "The model has been released.");
    },
    bytes: () => placed?.memory.bytes ?? 0,
    release: () => {
      threads?.end();
      placed = null;
    },
  };
}

/** More than a model and its largest batch will want; addresses alone, but some machines are short of those too. */
const mostBytes = ({ layers, hiddenSize, intermediateSize }: EncoderPlan): number =>
  4 * layers * hiddenSize * (4 * hiddenSize + 2 * intermediateSize) + 2 ** 30;

async function runEncoder(
  placed: Placed,
  images: EngineArray,
  { stages, queries, pause }: EncoderRun,
): Promise<Map<EncoderStage, EngineArray>> {
  const { plan, kernels, memory, parameters, threads } = placed;
  const wanted = new Set(stages);
  const blocks = Math.max(0, ...stages.map((stage) => blocksFor(stage, plan.layers)));
  const frame = layOut(placed, images, wanted);
  const { batch, tokens, width, heads } = frame;
  const { first, count } = queries ?? { first: 0, count: tokens };
  const answers = new Map<EncoderStage, EngineArray>();
  const keep = (stage: EncoderStage, shape: readonly number[], values: () => Float32Array): void => {
    if (wanted.has(stage)) answers.set(stage, { shape, values: values() });
  };
  const keepStates = (stage: EncoderStage): void =>
    keep(stage, [batch, tokens, width], () => readRows(memory, frame.states, batch * tokens, width));

  const take = (layer: number, keepsWeights: boolean): void => {
    prepareStep(memory, frame, keepsWeights);
    const step: Step = { frame: frame.address, layer, ahead: layer + 1 < blocks };
    if (threads) threads.run(kernels, step);
    else runStep(kernels, 0, step);
  };

  memory.floats(frame.images, images.values.length).set(images.values);
  take(-1, false);
  keepStates("tokens");
  for (let layer = 0; layer < blocks; layer++) {
    await pause?.();
    const weights = `blocks.${layer}.attention` as const;
    take(layer, wanted.has(weights));
    keep(weights, [batch, heads, count, tokens], () => {
      const from = frame.attention + 4 * first * tokens;
      return readRows(memory, from, batch * heads, count * tokens, 4 * tokens * tokens);
    });
    keepStates(`blocks.${layer}.output`);
  }
  await pause?.();
  if (stages.some((stage) => !IN_BLOCKS.test(stage))) readOut(plan, parameters, frame, kernels, memory, keep);
  return answers;
}

const IN_BLOCKS = /^tokens$|^blocks\.(\d+)\./;

/** How many blocks must run for a stage. */
function blocksFor(stage: EncoderStage, layers: number): number {
  if (stage === "tokens") return 0;
  const block = IN_BLOCKS.exec(stage)?.[1];
  return block === undefined ? layers : Number(block) + 1;
}

/** Room for a batch, behind the parameters. Throws `input-shape`. */
function layOut(
  { plan, parameters, memory, parametersEnd, threads }: Placed,
  { shape }: EngineArray,
  wanted: ReadonlySet<EncoderStage>,
): EncoderFrame {
  const { imageSize, channels } = plan;
  const expected = [shape[0], imageSize.height, imageSize.width, channels];
  if (expected.length !== shape.length || expected.some((size, axis) => size !== shape[axis])) {
    const size = expected.slice(1).join(", ");
    throw new VisionError("input-shape", `images: expected [*, ${size}], got [${shape.join(", ")}]`);
  }
  memory.giveBack(parametersEnd);
  const attention = [...wanted].some((stage) => stage.endsWith(".attention"));
  return layOutRun(plan, parameters, memory, shape[0]!, attention, threads?.count ?? 1);
}
