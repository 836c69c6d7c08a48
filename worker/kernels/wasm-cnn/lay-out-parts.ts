import type { HostArray } from "../../contract/forward.ts";
import { strided } from "../cnn-blocks.ts";
import type { CnnEngineStage, CnnPlan } from "../cnn-engine.ts";
import { filled } from "../wasm/rows.ts";
import type { Machine } from "../wasm/wasm-engine.ts";
import { layOutAttention } from "./lay-out-attention.ts";
import { layOutConvolution, type Convolution } from "./lay-out-convolution.ts";
import { layOutHead } from "./lay-out-head.ts";
import { readMap, takeMap, writeMap, type PaddedMap } from "./padded-map.ts";
import type { PlacedBlock, PlacedCnn } from "./place-convolutions.ts";
import type { CnnMachine } from "./scratch.ts";

/** Reads stages back once they are there. */
type Tells = Partial<Record<CnnEngineStage, () => HostArray>>;

/** A part of a run: what it does, and the stages that can be read behind it. */
type Part = { readonly work: (wanted: ReadonlySet<CnnEngineStage>) => void; readonly tells: Tells };

/** A model with room for a batch: where its images go, and its parts in order. */
export type LaidCnn = { readonly write: (images: Float32Array) => void; readonly parts: readonly Part[] };

/** `keeps`: with room for the weights of the attention module. */
export function layOutParts(
  machine: CnnMachine,
  plan: CnnPlan,
  { stem, stages, attention, head }: PlacedCnn,
  batch: number,
  keeps: boolean,
): LaidCnn {
  const { memory, scratch } = machine;
  const parts: Part[] = [];
  const images = takeMap(memory, { batch, ...plan.imageSize }, plan.channels * 4);
  let map = takeAnswer(machine, stem, images);
  let { channels } = plan.stem;
  const read = (): (() => HostArray) => readMap.bind(null, memory, map, channels); // as they are now
  parts.push({ work: layOutConvolution(machine, stem, images, map), tells: { stem: read() } });
  for (const [stage, blocks] of stages.entries()) {
    const tells: Tells = {};
    let hidden: PaddedMap | undefined;
    for (const [index, block] of blocks.entries()) {
      hidden ??= takeAnswer(machine, block.first, map);
      const before = map;
      if (block.shortcut) map = takeAnswer(machine, block.shortcut, before);
      const work = layOutBlock(machine, block, before, hidden, map);
      parts.push({ work, tells: index === blocks.length - 1 ? tells : {} });
    }
    ({ channels } = plan.stages[stage]!);
    tells[`stages.${stage}`] = read();
    if (stage !== plan.attention?.afterStage || !attention) continue;
    const { attend, weights } = layOutAttention(machine, attention, map, plan.attention.innerChannels, keeps);
    parts.push({
      work: (wanted) => attend(wanted.has("attention.weights")),
      tells: { "attention.weights": weights, "attention.output": read() },
    });
  }
  parts.at(-1)!.tells.features = read();
  parts.push(layOutHead(machine, map, channels, head && { ...head, classes: plan.classes }));
  scratch.takeFrom(memory);
  return { write: (values) => writeMap(memory, images, values), parts };
}

/** Room for what a convolution makes of a map. */
const takeAnswer = ({ memory }: Machine, { stride, outputs }: Convolution, map: PaddedMap): PaddedMap =>
  takeMap(memory, { batch: map.batch, ...strided(map, stride) }, filled(outputs) * 4);

/** A residual block whose answer takes the place of what it is added to. */
function layOutBlock(
  machine: CnnMachine,
  { first, second, shortcut }: PlacedBlock,
  map: PaddedMap,
  hidden: PaddedMap,
  to: PaddedMap,
): () => void {
  const works = [
    layOutConvolution(machine, first, map, hidden),
    ...(shortcut ? [layOutConvolution(machine, shortcut, map, to)] : []),
    layOutConvolution(machine, second, hidden, to, to),
  ];
  return () => works.forEach((work) => work());
}
