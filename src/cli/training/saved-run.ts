import { floatTensor } from "../../../worker/contract/host-tensor.ts";
import { readFile } from "node:fs/promises";
import { VisionError } from "../../../worker/contract/errors.ts";
import {
  readSafetensors,
  readSafetensorsMetadata,
  toFloat32,
  writeSafetensors,
} from "../../../worker/checkpoint/safetensors.ts";
import type { RunProgress, RunState } from "../../../worker/training/run-state.ts";

/** The state of the run `run` in a file; null where there is no file. Throws `training-state` for another run's. */
export async function readSavedRun<Judged>(path: string, run: string): Promise<RunState<Judged> | null> {
  const file = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (!file) return null;
  const note = readSafetensorsMetadata(file, path);
  if (note.get("run") !== run) {
    const message = `${path}: wanted a run of the same recipe, model and pictures to go on with, got another; choose another output folder`;
    throw new VisionError("training-state", message);
  }
  const arrays = [...readSafetensors(file, path)].map(
    ([name, tensor]) => [name, { shape: tensor.shape, values: toFloat32(tensor) }] as const,
  );
  return { progress: JSON.parse(note.get("progress")!) as RunProgress<Judged>, arrays: new Map(arrays) };
}

/** The file that `readSavedRun` reads. */
export function encodeRun({ progress, arrays }: RunState<unknown>, run: string): Uint8Array {
  const tensors = [...arrays].map(([name, { shape, values }]) => [name, floatTensor(shape, values)] as const);
  return writeSafetensors(new Map(tensors), { run, progress: JSON.stringify(progress) });
}
