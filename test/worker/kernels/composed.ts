import { tensor4d, type Tensor, type Tensor4D } from "@tensorflow/tfjs-core";
import { expect } from "vitest";
import type { HostArray } from "../../../worker/contract/forward.ts";
import type { CnnEngineStage } from "../../../worker/kernels/cnn-engine.ts";
import type { EncoderStage } from "../../../worker/kernels/encoder-engine.ts";
import { releaseAttentionCnn } from "../../../worker/models/attention-cnn/attention-cnn.ts";
import { buildAttentionCnn } from "../../../worker/models/attention-cnn/build-attention-cnn.ts";
import type { AttentionCnnConfig } from "../../../worker/models/attention-cnn/config.ts";
import { runAttentionCnn } from "../../../worker/models/attention-cnn/run-attention-cnn.ts";
import { buildVit } from "../../../worker/models/vit/build-vit.ts";
import { tokenCount, type VitConfig } from "../../../worker/models/vit/config.ts";
import { runVit } from "../../../worker/models/vit/run-vit.ts";
import { releaseVit } from "../../../worker/models/vit/vit.ts";
import { maxDifference } from "../../setup/golden.ts";

/** Every stage of a model, and what engines are held against: the model composed of tfjs's operations. */

type Read = (name: string) => Float32Array;

export function vitStages({ layers, pooler, classes }: VitConfig): EncoderStage[] {
  const blocks = Array.from({ length: layers }, (_, i) => [`blocks.${i}.attention`, `blocks.${i}.output`] as const);
  const answers: EncoderStage[] = ["encoded", "pooled", ...(pooler ? ["pooler_output" as const] : [])];
  return ["tokens", ...blocks.flat(), ...answers, ...(classes > 0 ? ["logits" as const] : [])];
}

export const cnnStages = ({ stages, attention, classes }: AttentionCnnConfig): CnnEngineStage[] => [
  "stem",
  ...stages.map((_, index) => `stages.${index}` as const),
  ...(attention ? (["attention.weights", "attention.output"] as const) : []),
  "features",
  "pooled",
  ...(classes > 0 ? (["logits"] as const) : []),
];

/** All stages of a ViT on tfjs's backend of the moment. */
export async function composeVit(config: VitConfig, read: Read, images: HostArray) {
  const vit = await buildVit(config, read);
  const answers = await answered(images, (input) => runVit(vit, input, { stages: vitStages(config) }));
  releaseVit(vit);
  return answers;
}

/** All stages of an attention CNN, likewise. */
export async function composeCnn(config: AttentionCnnConfig, read: Read, images: HostArray) {
  const cnn = await buildAttentionCnn(config, read);
  const answers = await answered(images, (input) => runAttentionCnn(cnn, input, { stages: cnnStages(config) }));
  releaseAttentionCnn(cnn);
  return answers;
}

async function answered<Stage>(
  { shape, values }: HostArray,
  run: (input: Tensor4D) => Promise<ReadonlyMap<Stage, Tensor>>,
): Promise<ReadonlyMap<Stage, HostArray>> {
  const input = tensor4d(values, shape as [number, number, number, number]);
  const tensors = [...(await run(input))];
  const answers = tensors.map(
    ([stage, tensor]) => [stage, { shape: tensor.shape, values: tensor.dataSync() as Float32Array }] as const,
  );
  for (const tensor of [input, ...tensors.map(([, tensor]) => tensor)]) tensor.dispose();
  return new Map(answers);
}

/** The same stages, of the same shapes, none further off than `tolerance`. */
export function expectAnswers(
  answers: ReadonlyMap<string, HostArray>,
  wanted: ReadonlyMap<string, HostArray>,
  tolerance: number,
): void {
  expect([...answers.keys()].sort()).toEqual([...wanted.keys()].sort());
  for (const [stage, { shape, values }] of wanted) {
    const answer = answers.get(stage)!;
    expect(answer.shape, stage).toEqual(shape);
    expect(maxDifference(answer.values, values), stage).toBeLessThan(tolerance);
  }
}

/** Rows of a ViT's attention sum to 1. */
export function expectRowsOfOne(answers: ReadonlyMap<EncoderStage, HostArray>, config: VitConfig): void {
  const width = tokenCount(config);
  for (const [stage, { values }] of answers) {
    if (!stage.endsWith(".attention")) continue;
    for (let row = 0; row < values.length; row += width) {
      const sum = values.subarray(row, row + width).reduce((total, weight) => total + weight, 0);
      expect(Math.abs(sum - 1)).toBeLessThan(1e-5);
    }
  }
}
