import { abortError, VisionError } from "../../contract/errors.ts";
import type { ModelFolder } from "../../contract/model-folder.ts";
import { shallowestModel } from "../../contract/shallowest-model.ts";
import { bareWeights, endsAsWeights, WEIGHT_ENDINGS, WEIGHTS_FILE, weightsStem } from "../weight-files.ts";
import { refuseLfsPointer } from "../recognise-wrong-file.ts";
import { refuseOversize, sizeLimit } from "./check-content.ts";

const OTHER_WEIGHTS = /\.(?:h5|onnx|pkl|msgpack)$/i;

/**
 * Dropped or chosen files as a model folder, matched by their base names; of a folder's own folders the shallowest with
 * weights. One file of weights of any name stands for `model.safetensors`. Throws `source-unsupported` where two files
 * claim one role, or none holds weights.
 */
export function fileFolder(all: readonly File[]): ModelFolder {
  const files = shallowestModel(all, pathOf, endsAsWeights);
  const byName = new Map<string, File>();
  for (const file of files.filter(({ name }) => endsAsWeights(name) || /\.(?:json|txt)$/.test(name)))
    claim(byName, file.name, file);
  adoptBareWeights(byName, files);
  const name = folderName(files, byName);
  return {
    name,
    origin: `dropped files: ${name}`,
    weightsName: byName.get(WEIGHTS_FILE)?.name,
    async read(path, { signal, onProgress } = {}) {
      if (signal?.aborted) throw abortError();
      const file = byName.get(path.split("/").at(-1) ?? "");
      if (file === undefined) return null;
      refuseOversize(file.size, sizeLimit(path), file.name);
      const bytes = await readWhole(file);
      if (signal?.aborted) throw abortError();
      refuseLfsPointer(bytes, file.name);
      onProgress?.({ stage: "download", loaded: bytes.length, total: file.size, file: path, fromCache: false });
      return bytes;
    },
  };
}

const pathOf = (file: File): string => file.webkitRelativePath || file.name;

function claim(byName: Map<string, File>, role: string, file: File): void {
  const other = byName.get(role);
  if (other !== undefined) {
    const both = `${pathOf(other)} and ${pathOf(file)}`;
    throw new VisionError(
      "source-unsupported",
      `dropped files: wanted one ${role}, got ${both}; drop one model at a time.`,
    );
  }
  byName.set(role, file);
}

/** Without weights or an index of shards that are called so, the only file of a kind holds the weights. */
function adoptBareWeights(byName: Map<string, File>, files: readonly File[]): void {
  const bare = bareWeights([...byName.keys()]);
  for (const file of files.filter(({ name }) => bare.includes(name))) claim(byName, WEIGHTS_FILE, file);
  if ([...byName.keys()].some(endsAsWeights)) return;
  const other = files.find(({ name }) => OTHER_WEIGHTS.test(name));
  const got = other === undefined ? files.map(pathOf).slice(0, 5).join(", ") || "no file" : pathOf(other);
  const hint =
    other === undefined ? "drop the whole model folder." : `save it as ${WEIGHTS_FILE} first; its format is not read.`;
  throw new VisionError(
    "source-unsupported",
    `dropped files: wanted one of ${WEIGHT_ENDINGS.join(", ")}, got ${got}; ${hint}`,
  );
}

function folderName(files: readonly File[], byName: ReadonlyMap<string, File>): string {
  const path = files.map(pathOf).find((candidate) => candidate.includes("/"));
  if (path !== undefined) return path.split("/")[0] || "model";
  return weightsStem(byName.get(WEIGHTS_FILE)?.name ?? "model");
}

async function readWhole(file: File): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (cause) {
    const message = `${pathOf(file)}: wanted its ${file.size} bytes, but it was moved or changed since; drop it again.`;
    throw new VisionError("source-not-found", message, { cause });
  }
}
