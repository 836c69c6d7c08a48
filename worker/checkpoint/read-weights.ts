import * as v from "valibot";
import { VisionError } from "../contract/errors.ts";
import type { HostTensor, HostTensors } from "../contract/host-tensor.ts";
import type { ModelFolder } from "../contract/model-folder.ts";
import type { CallOptions } from "../contract/progress.ts";
import { ArrivingWeights, type Until } from "./arriving-weights.ts";
import { checkJson, malformed } from "./config/check-json.ts";
import { readJson } from "./config/read-json.ts";
import { lookFor } from "./look-for.ts";
import { readTensors } from "./read-tensors.ts";
import { INDEX_FILE, PYTORCH_FILE, WEIGHT_PLACES, WEIGHTS_FILE } from "./weight-files.ts";

const indexSchema = v.object({
  weight_map: v.record(v.string(), v.string(), "an object of file names by tensor name"),
});

/**
 * What `open` makes of all tensors of a model folder, by the names in its files: one `model.safetensors` or
 * `pytorch_model.bin`, or shards and their index. Of one file of safetensors it may be given them while their bytes are
 * still on the way, and `onOpened` is told; it throws where the rest is not worth fetching.
 * Throws `source-not-found` naming what was looked for, `safetensors-*`, `weights-malformed`, `checkpoint-*` where index and
 * shards differ, and whatever the folder and `open` throw.
 */
export async function openWeights<Opened>(
  folder: ModelFolder,
  options: CallOptions | undefined,
  open: (tensors: HostTensors) => Opened,
  onOpened?: (opened: Opened, until: Until) => void,
): Promise<Opened> {
  for (const [file, index] of WEIGHT_PLACES) {
    const what = file === WEIGHTS_FILE ? (folder.weightsName ?? file) : file;
    const arriving = new ArrivingWeights(what, open, onOpened);
    const { onArrived } = arriving;
    const whole = await folder.read(file, { ...options, onArrived }).catch((error: Error) => {
      arriving.fail(error);
      throw error;
    });
    if (whole) return arriving.end(whole) ?? open(readTensors(whole, what));
    const listed = await folder.read(index, options);
    if (listed) return open(await readShards(folder, index, listed, options));
  }
  throw notFound(folder);
}

/** Throws `source-not-found` where a folder has neither weights nor an index of shards; their first bytes are enough. */
export async function expectWeights(folder: ModelFolder, options?: CallOptions): Promise<void> {
  for (const name of WEIGHT_PLACES.flat()) {
    if ((await lookFor(folder, name, options?.signal)) !== "absent") return;
  }
  throw notFound(folder);
}

/** Tensor name → shard, with every shard's name a plain one. */
function readIndex(bytes: Uint8Array, index: string): ReadonlyMap<string, string> {
  const { weight_map: files } = checkJson(indexSchema, readJson(bytes, index), index);
  for (const file of Object.values(files)) {
    if (!/^[\w][\w.-]*\.(?:safetensors|bin)$/.test(file)) {
      throw malformed(index, "weight_map", "names of .safetensors or .bin files in the same folder", file);
    }
  }
  return new Map(Object.entries(files));
}

async function readShards(
  folder: ModelFolder,
  index: string,
  listed: Uint8Array,
  options?: CallOptions,
): Promise<HostTensors> {
  const shardOf = readIndex(listed, index);
  const tensors = new Map<string, HostTensor>();
  for (const file of new Set(shardOf.values())) {
    const bytes = await folder.read(file, options);
    if (!bytes)
      throw new VisionError("source-not-found", `${folder.origin}: ${file} is not there, though ${index} names it`);
    const shard = readTensors(bytes, file);
    for (const [name, tensor] of shard) {
      if (shardOf.get(name) !== file) throw misplaced(name, file, index, shardOf.get(name));
      tensors.set(name, tensor);
    }
  }
  for (const [name, file] of shardOf) {
    if (!tensors.has(name)) {
      throw new VisionError(
        "checkpoint-missing-tensor",
        `${name}: ${index} says it is in ${file}, and it is not there`,
      );
    }
  }
  return tensors;
}

const misplaced = (name: string, file: string, index: string, wanted: string | undefined): VisionError =>
  new VisionError(
    "checkpoint-unexpected-tensor",
    `${file}: ${name}: ${index} ${wanted ? `says it is in ${wanted}` : "does not name it"}`,
  );

const notFound = (folder: ModelFolder): VisionError =>
  new VisionError(
    "source-not-found",
    `${folder.origin}: no ${WEIGHTS_FILE}, no ${INDEX_FILE} and no ${PYTORCH_FILE} there. Check the name, and that its folder is served.`,
  );
