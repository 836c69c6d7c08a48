import type { BackendChoice, ModelInfo } from "../../../worker/contract/api.ts";
import { VisionError } from "../../../worker/contract/errors.ts";
import type { HostArray, ModelStage } from "../../../worker/contract/forward.ts";
import { floatTensor } from "../../../worker/contract/host-tensor.ts";
import { readSafetensors, toFloat32, writeSafetensors } from "../../../worker/checkpoint/safetensors.ts";
import { FileFailure, workOn } from "../output/file-failure.ts";
import type { Output } from "../output/output.ts";
import { readWholeFile } from "../../node/read-whole-file.ts";
import { startSession } from "../../node/start-session.ts";
import { expectWritable, writeOutput } from "../output/write-output.ts";

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
 * `logits`, `attentions.i`, `hidden_states.i` (0: the embedded tokens or the stem's map, i: what block or stage i − 1
 * gives). A checkpoint without a head gives `last_hidden_state` in place of `logits`, and `pooler_output [B, D]` where it
 * has a pooler. `ModelStage` tells the shapes.
 */
export async function forwardCommand(call: ForwardCall, output: Output): Promise<void> {
  const pixels = await workOn(call.input, readPixels(call.input));
  await workOn(call.output, expectWritable(call.output));
  const { session, model } = await startSession(call.model, call.backend);
  try {
    const run = { stages: stagesToWrite(model, call), interpolate: call.interpolate };
    const stages = await blameInput(call.input, session.forward(model.id, pixels, run));
    const tensors = run.stages.map((stage) => {
      const { shape, values } = stages.get(stage)!;
      return [stage, floatTensor(shape, values)] as const;
    });
    await workOn(call.output, writeOutput(call.output, writeSafetensors(new Map(tensors))));
    const [name, { shape }] = tensors[0]!;
    output.result({ shape }, `${call.output}: ${name} [${shape.join(", ")}], ${tensors.length} tensors`);
  } finally {
    session.dispose();
  }
}

function stagesToWrite({ labels, layers, hiddenStates, pooler }: ModelInfo, call: ForwardCall): ModelStage[] {
  const attentions = Array.from({ length: layers }, (_, i): ModelStage => `attentions.${i}`);
  const states = Array.from({ length: hiddenStates }, (_, i): ModelStage => `hidden_states.${i}`);
  return [
    labels.length > 0 ? "logits" : "last_hidden_state",
    ...(pooler ? (["pooler_output"] as const) : []),
    ...(call.attentions ? attentions : []),
    ...(call.hiddenStates ? states : []),
  ];
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
