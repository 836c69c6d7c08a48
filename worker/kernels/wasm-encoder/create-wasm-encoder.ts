import type { HostArray } from "../../contract/forward.ts";
import type { EncoderEngine, EncoderPlan, EncoderRun, EncoderStage } from "../encoder-engine.ts";
import { blocksFor, isInBlocks, reachOf } from "../encoder-reach.ts";
import type { AwaitParameters, ParameterReader } from "../parameter-reader.ts";
import { layOutRun, prepareStep, type EncoderFrame } from "./encoder-frame.ts";
import { ACTIVATIONS } from "../wasm/activations.ts";
import type { WasmKernels } from "../wasm/kernels.ts";
import { placeParameters, type PlacedParameters } from "./place-parameters.ts";
import { readOut } from "./read-out.ts";
import { readRows } from "../wasm/rows.ts";
import type { StepName } from "../wasm/serve-steps.ts";
import { createWasmEngine, expectImages, type Machine } from "../wasm/wasm-engine.ts";

/** A model in WebAssembly memory. */
type Placed = {
  readonly plan: EncoderPlan;
  readonly parameters: PlacedParameters;
  readonly machine: Machine;
  readonly parametersEnd: number;
};

/** What the kernels can run: widths of whole vectors, and the activations they know. */
export const supportsWasmEncoder = ({ hiddenSize, activation }: EncoderPlan): boolean =>
  hiddenSize % 4 === 0 && activation in ACTIVATIONS;

/**
 * A Vision Transformer (one that `supportsWasmEncoder`) as one WebAssembly module: parameters by the names of
 * `vitParameterShapes`, packed once; activations for the largest batch so far. `there` is awaited before each block
 * is placed. The engine runs one batch at a time. Throws `out-of-memory`.
 */
export const createWasmEncoder = (
  plan: EncoderPlan,
  read: ParameterReader,
  kernels: WasmKernels,
  there?: AwaitParameters,
): Promise<EncoderEngine> =>
  createWasmEngine(kernels, mostBytes(plan), async (machine) => {
    const parameters = await placeParameters(plan, read, machine.kernels, machine.memory, there);
    const placed = { plan, parameters, machine, parametersEnd: machine.memory.end };
    return (images, run) => runEncoder(placed, images, run);
  });

/** More than a model and its largest batch will want; addresses alone, but some machines are short of those too. */
const mostBytes = ({ layers, hiddenSize, intermediateSize }: EncoderPlan): number =>
  4 * layers * hiddenSize * (4 * hiddenSize + 2 * intermediateSize) + 2 ** 30;

async function runEncoder(placed: Placed, images: HostArray, run: EncoderRun): Promise<Map<EncoderStage, HostArray>> {
  const { plan, parameters, machine } = placed;
  const { kernels, memory } = machine;
  const { stages, queries, pause } = run;
  const wanted = new Set(stages);
  const blocks = blocksFor(run, plan);
  const frame = layOut(placed, images, wanted);
  const { batch, tokens, width, heads } = frame;
  const { first, count } = queries ?? { first: 0, count: tokens };
  const answers = new Map<EncoderStage, HostArray>();
  const keep = (stage: EncoderStage, shape: readonly number[], values: () => Float32Array): void => {
    if (wanted.has(stage)) answers.set(stage, { shape, values: values() });
  };
  const keepStates = (stage: EncoderStage): void =>
    keep(stage, [batch, tokens, width], () => readRows(memory, frame.states, batch * tokens, width));

  const go = (steps: readonly StepName[], layer: number, keepsWeights: boolean): void => {
    const { address, together } = frame;
    const reach = reachOf(layer, run, plan, frame);
    for (let image = 0; image < batch; image += together) {
      const images = imagesFrom(frame, image, keepsWeights);
      for (const name of steps) {
        const takesAll = TAKES_ALL.has(name);
        // The last block may go through some tokens alone, or through all: what is read of it is the same to the bit.
        const sums = takesAll || layer + 1 < plan.layers ? frame.sums : 0;
        prepareStep(memory, address, { ...images, reach: takesAll ? tokens : reach, sums });
        machine.run({ name, frame: address, layer });
      }
    }
  };

  memory.floats(frame.images, images.values.length).set(images.values);
  go(["embed"], -1, false);
  keepStates("tokens");
  for (let layer = 0; layer < blocks; layer++) {
    await pause?.();
    const weights = `blocks.${layer}.attention` as const;
    go(BLOCK, layer, wanted.has(weights));
    keep(weights, [batch, heads, count, tokens], () => {
      const from = frame.attention + 4 * first * tokens;
      return readRows(memory, from, batch * heads, count * tokens, 4 * tokens * tokens);
    });
    keepStates(`blocks.${layer}.output`);
  }
  await pause?.();
  if (!stages.every(isInBlocks)) readOut(plan, parameters, frame, kernels, memory, keep);
  return answers;
}

/** The steps of a block. */
const BLOCK: readonly StepName[] = [
  ...(["normBefore", "projectQueries", "projectKeysValues", "packHeads", "attend", "projectOutput"] as const),
  ...(["normAfter", "expand", "contract"] as const),
];

/** Those that go through all tokens, whichever are read behind the block. */
const TAKES_ALL: ReadonlySet<StepName> = new Set<StepName>(["embed", "normBefore", "projectKeysValues", "packHeads"]);

/** What a frame says of the images from one on that go together. */
function imagesFrom(frame: EncoderFrame, image: number, keepsWeights: boolean) {
  const { batch, together, tokens, heads } = frame;
  return {
    batch: Math.min(together, batch - image),
    images: frame.images + image * frame.imageBytes,
    states: frame.states + image * tokens * frame.stride,
    attention: keepsWeights ? frame.attention + image * heads * tokens * tokens * 4 : 0,
  };
}

/** Room for a batch, behind the parameters. Throws `input-shape`. */
function layOut(
  { plan, parameters, machine: { memory, threads }, parametersEnd }: Placed,
  images: HostArray,
  wanted: ReadonlySet<EncoderStage>,
): EncoderFrame {
  const { imageSize, channels } = plan;
  expectImages(images, [imageSize.height, imageSize.width, channels]);
  memory.giveBack(parametersEnd);
  const attention = [...wanted].some((stage) => stage.endsWith(".attention"));
  return layOutRun(plan, parameters, memory, images.shape[0]!, attention, threads);
}
