import type { HostArray } from "../../contract/forward.ts";
import type { CnnEngine, CnnEngineStage, CnnPlan } from "../cnn-engine.ts";
import type { EngineRun } from "../engine.ts";
import type { AwaitParameters, ParameterReader } from "../parameter-reader.ts";
import { ACTIVATIONS } from "../wasm/activations.ts";
import type { WasmKernels } from "../wasm/kernels.ts";
import { createWasmEngine, expectImages } from "../wasm/wasm-engine.ts";
import { layOutParts, type LaidCnn } from "./lay-out-parts.ts";
import { placeConvolutions } from "./place-convolutions.ts";
import { Scratch } from "./scratch.ts";

/** Whether the kernels can run it: they know its activation. */
export const supportsWasmCnn = ({ activation }: CnnPlan): boolean => activation in ACTIVATIONS;

/**
 * An attention CNN (one that `supportsWasmCnn`) as one WebAssembly module: parameters by the names of
 * `attentionCnnParameterShapes`, batch normalisation folded, packed once; activations for the largest batch so far.
 * `there` is awaited before each block is placed. The engine runs one batch at a time. Throws `out-of-memory`.
 */
export const createWasmCnn = (
  plan: CnnPlan,
  read: ParameterReader,
  kernels: WasmKernels,
  there?: AwaitParameters,
): Promise<CnnEngine> =>
  createWasmEngine(kernels, mostBytes(plan), async (machine) => {
    const placed = await placeConvolutions(plan, read, machine, there);
    const parametersEnd = machine.memory.end;
    const { imageSize, channels } = plan;
    let laid: (LaidCnn & { readonly batch: number; readonly keeps: boolean }) | null = null;
    return (images, run) => {
      expectImages(images, [imageSize.height, imageSize.width, channels]);
      const [batch] = images.shape as [number];
      const keeps = run.stages.includes("attention.weights");
      if (laid?.batch !== batch || (keeps && !laid.keeps)) {
        laid = null; // there may be no memory for another
        machine.memory.giveBack(parametersEnd);
        laid = { ...layOutParts({ ...machine, scratch: new Scratch() }, plan, placed, batch, keeps), batch, keeps };
      }
      return runParts(laid, images, run);
    };
  });

/** More than a model and its largest batch will want; addresses alone, but some machines are short of those too. */
const mostBytes = ({ stages }: CnnPlan): number =>
  stages.reduce((sum, { channels, blocks }) => sum + 4 * 33 * (blocks + 1) * (channels + 8) ** 2, 2 ** 30);

/** Runs the parts up to the last that tells of a stage asked for. */
async function runParts(
  { write, parts }: LaidCnn,
  { values }: HostArray,
  { stages, pause }: EngineRun<CnnEngineStage>,
): Promise<Map<CnnEngineStage, HostArray>> {
  const wanted = new Set(stages);
  const last = parts.findLastIndex(({ tells }) => stages.some((stage) => tells[stage]));
  const answers = new Map<CnnEngineStage, HostArray>();
  write(values);
  for (const [index, { work, tells }] of parts.slice(0, last + 1).entries()) {
    if (index > 0) await pause?.();
    work(wanted);
    for (const stage of wanted) if (tells[stage]) answers.set(stage, tells[stage]());
  }
  return answers;
}
