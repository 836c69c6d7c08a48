import type { BackendChoice, ModelInfo } from "../../worker/contract/api.ts";
import { VisionError } from "../../worker/contract/errors.ts";
import type { HostTensor } from "../../worker/contract/host-tensor.ts";
import { readSafetensors, toFloat32, writeSafetensors } from "../../worker/checkpoint/safetensors.ts";
import type { VitStage } from "../../worker/models/vit/stages.ts";
import type { HostArray } from "../../worker/runtime/vit-answers.ts";
import { FileFailure, workOn } from "./file-failure.ts";
import type { Output } from "./output.ts";
import { readWholeFile } from "./read-whole-file.ts";
import { startSession } from "./start-session.ts";
import { expectWritable, writeOutput } from "./write-output.ts";

export type ForwardCall = {
  readonly model: string;
  readonly backend: BackendChoice;
  readonly input: string; // .safetensors with pixel_values [B, 3, height, width], normalised
  readonly output: string;
  readonly attentions: boolean;
  readonly hiddenStates: boolean;
  readonly interpolate: boolean;
};

/**
 * `patchlight forward`: pixels in, logits out, as files PyTorch can read and write, under Hugging Face's names:
 * `logits`, `attentions.i`, `hidden_states.i` (0: the embedded tokens, i: block i − 1's output).
 * A checkpoint without a head gives `last_hidden_state [B, N, D]` in place of `logits`, and `pooler_output [B, D]` where
 * it has a pooler.
 */
export async function forwardCommand(call: ForwardCall, output: Output): Promise<void> {
  const pixels = await workOn(call.input, readPixels(call.input));
  await workOn(call.output, expectWritable(call.output));
  const { session, model } = await startSession(call.model, call.backend);
  try {
    const names = outputNames(model, call);
    const run = { stages: [...names.keys()], interpolate: call.interpolate };
    const stages = await blameInput(call.input, session.forward(model.id, pixels, run));
    const tensors = [...names].map(([stage, name]) => [name, toHostTensor(stages.get(stage)!)] as const);
    await workOn(call.output, writeOutput(call.output, writeSafetensors(new Map(tensors))));
    const [name, { shape }] = tensors[0]!;
    output.result({ shape }, `${call.output}: ${name} [${shape.join(", ")}], ${tensors.length} tensors`);
  } finally {
    session.dispose();
  }
}

function outputNames({ labels, layers, pooler }: ModelInfo, call: ForwardCall): Map<VitStage, string> {
  const blocks = Array.from({ length: layers }, (_, block) => block);
  const names: [VitStage, string][] = [labels.length > 0 ? ["logits", "logits"] : ["encoded", "last_hidden_state"]];
  if (pooler) names.push(["pooler_output", "pooler_output"]);
  if (call.attentions)
    names.push(...blocks.map((i): [VitStage, string] => [`blocks.${i}.attention`, `attentions.${i}`]));
  if (call.hiddenStates) {
    names.push(["tokens", "hidden_states.0"]);
    names.push(...blocks.map((i): [VitStage, string] => [`blocks.${i}.output`, `hidden_states.${i + 1}`]));
  }
  return new Map(names);
}

/** A wrong shape is the input's fault; everything else is told of the model. */
async function blameInput<Answer>(input: string, running: Promise<Answer>): Promise<Answer> {
  return running.catch((error: unknown) => {
    throw error instanceof VisionError && error.code === "input-shape" ? new FileFailure(input, error) : error;
  });
}

async function readPixels(path: string): Promise<HostArray> {
  const pixels = readSafetensors(await readWholeFile(path, path), path).get("pixel_values");
  if (!pixels) throw new VisionError("input-shape", `${path}: expected a tensor pixel_values [B, 3, height, width]`);
  if (pixels.shape.length !== 4) {
    const got = pixels.shape.join(", ");
    throw new VisionError("input-shape", `${path}: pixel_values: expected [B, 3, height, width], got [${got}]`);
  }
  return { shape: pixels.shape, values: toFloat32(pixels) };
}

const toHostTensor = ({ shape, values }: HostArray): HostTensor => ({
  dtype: "F32",
  shape,
  bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
});
