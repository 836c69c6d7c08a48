import * as v from "valibot";
import { VisionError } from "../contract/errors.ts";
import type { HostTensor, HostTensors } from "../contract/host-tensor.ts";
import type { ModelFolder } from "../contract/model-folder.ts";
import type { CallOptions } from "../contract/progress.ts";
import { ArrivingWeights, type Until } from "./arriving-weights.ts";
import { checkJson, malformed } from "./config/check-json.ts";
import { readJson } from "./config/read-json.ts";
import { findPickle } from "./find-pickle.ts";
import { lookFor } from "./look-for.ts";
import { readSafetensors } from "./safetensors.ts";

export const WEIGHTS_FILE = "model.safetensors";
export const INDEX_FILE = "model.safetensors.index.json";

const indexSchema = v.object({
  weight_map: v.record(v.string(), v.string(), "an object of file names by tensor name"),
});

/**
 * What `open` makes of all tensors of a model folder, by the names in its files: one `model.safetensors`, or shards and
 * their index. Of one file it may be given them while their bytes are still on the way, and `onOpened` is told; it throws
 * where the rest is not worth fetching.
 * Throws `source-not-found` naming what was looked for, `safetensors-*`, `checkpoint-*` where index and shards differ,
 * and whatever the folder and `open` throw.
 */
export async function openWeights<Opened>(
  folder: ModelFolder,
  options: CallOptions | undefined,
  open: (tensors: HostTensors) => Opened,
  onOpened?: (opened: Opened, until: Until) => void,
): Promise<Opened> {
  const arriving = new ArrivingWeights(WEIGHTS_FILE, open, onOpened);
  const { onArrived } = arriving;
  const whole = await folder.read(WEIGHTS_FILE, { ...options, onArrived }).catch((error: Error) => {
    arriving.fail(error);
    throw error;
  });
  if (whole) return arriving.end(whole) ?? open(readSafetensors(whole, WEIGHTS_FILE));
  const index = await folder.read(INDEX_FILE, options);
  if (index) return open(await readShards(folder, readIndex(index), options));
  throw await notFound(folder, options);
}

/** Throws `source-not-found` where a folder has neither weights nor an index of shards; their first bytes are enough. */
export async function expectWeights(folder: ModelFolder, options?: CallOptions): Promise<void> {
  for (const name of [WEIGHTS_FILE, INDEX_FILE]) {
    if ((await lookFor(folder, name, options?.signal)) !== "absent") return;
  }
  throw await notFound(folder, options);
}

/** Tensor name → shard, with every shard's name a plain one. */
function readIndex(bytes: Uint8Array): ReadonlyMap<string, string> {
  const { weight_map: files } = checkJson(indexSchema, readJson(bytes, INDEX_FILE), INDEX_FILE);
  for (const file of Object.values(files)) {
    if (!/^[\w][\w.-]*\.safetensors$/.test(file)) {
      throw malformed(INDEX_FILE, "weight_map", "names of .safetensors files in the same folder", file);
    }
  }
  return new Map(Object.entries(files));
}

async function readShards(
  folder: ModelFolder,
  shardOf: ReadonlyMap<string, string>,
  options?: CallOptions,
): Promise<HostTensors> {
  const tensors = new Map<string, HostTensor>();
  for (const file of new Set(shardOf.values())) {
    const bytes = await folder.read(file, options);
    if (!bytes)
      throw new VisionError(
        "source-not-found",
        `${folder.origin}: ${file} is not there, though ${INDEX_FILE} names it`,
      );
    const shard = readSafetensors(bytes, file);
    for (const [name, tensor] of shard) {
      if (shardOf.get(name) !== file) throw misplaced(name, file, shardOf.get(name));
      tensors.set(name, tensor);
    }
  }
  for (const [name, file] of shardOf) {
    if (!tensors.has(name)) {
      throw new VisionError(
        "checkpoint-missing-tensor",
        `${name}: ${INDEX_FILE} says it is in ${file}, and it is not there`,
      );
    }
  }
  return tensors;
}

const misplaced = (name: string, file: string, wanted: string | undefined): VisionError =>
  new VisionError(
    "checkpoint-unexpected-tensor",
    `${file}: ${name}: ${INDEX_FILE} ${wanted ? `says it is in ${wanted}` : "does not name it"}`,
  );

async function notFound(folder: ModelFolder, options?: CallOptions): Promise<VisionError> {
  const pickle = await findPickle(folder, options);
  const advice = pickle
    ? `There is ${pickle}, but PyTorch pickles can run code, so they are never read; convert it with ` +
      `safetensors.torch.save_file or transformers' save_pretrained`
    : "Check the name.";
  return new VisionError(
    "source-not-found",
    `${folder.origin}: no ${WEIGHTS_FILE} and no ${INDEX_FILE} there. ${advice}`,
  );
}
