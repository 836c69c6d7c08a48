import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { VisionError } from "../../worker/contract/errors.ts";
import type { ModelFolder } from "../../worker/contract/model-folder.ts";
import type { CallOptions } from "../../worker/contract/progress.ts";
import { resolveSource } from "../../worker/checkpoint/sources/resolve-source.ts";
import { bareWeights, isNamedWeights, WEIGHTS_FILE } from "../../worker/checkpoint/weight-files.ts";
import { diskStore } from "./disk-store.ts";
import { readFileIfThere } from "./read-whole-file.ts";

/** The models that come with the package. */
export const EMBEDDED_MODELS = findEmbeddedModels();

/**
 * What a model's name stands for: on disk a folder, one with a bare file of weights alone, or such a file; an embedded name,
 * `hf:owner/name`, or a URL.
 */
export async function openModelFolder(model: string): Promise<ModelFolder> {
  const folder = await findFolder(model);
  return { ...folder, readShared: (file, options) => readIfThere(join(EMBEDDED_MODELS, file), options) };
}

async function findFolder(model: string): Promise<ModelFolder> {
  const onDisk = await kindOf(model);
  if (onDisk === "folder") {
    const [bare, another] = bareWeights(await readdir(model));
    return bare === undefined || another !== undefined ? diskFolder(model) : bareFile(join(model, bare));
  }
  if (onDisk === "file") return bareFile(model);
  const embedded = join(EMBEDDED_MODELS, model);
  if (/^[a-z0-9][a-z0-9._-]*$/.test(model) && (await kindOf(embedded)) === "folder") return diskFolder(embedded, model);
  if (/^(hf:|https?:)/.test(model)) {
    return resolveSource({ kind: "text", text: model }, { models: "http://localhost/", store: diskStore() });
  }
  throw new VisionError(
    "source-not-found",
    `model: expected a folder, a file of weights, an embedded name, hf:owner/name or a URL, got ${model}, which is none`,
  );
}

function diskFolder(path: string, name = basename(resolve(path))): ModelFolder {
  return { name, origin: path, read: (file, options) => readIfThere(join(path, file), options) };
}

/** One weight file: it stands for `model.safetensors`; configuration files beside it are read where they exist. */
function bareFile(path: string): ModelFolder {
  const read: ModelFolder["read"] = async (file, options) => {
    if (file === WEIGHTS_FILE) return readIfThere(path, options);
    return isNamedWeights(file) ? null : readIfThere(join(dirname(path), file), options);
  };
  return { name: basename(path), origin: path, weightsName: basename(path), read };
}

const readIfThere = (path: string, options?: CallOptions) => readFileIfThere(path, path, options);

async function kindOf(path: string): Promise<"folder" | "file" | null> {
  const found = await stat(path).catch(() => null);
  if (!found) return null;
  return found.isDirectory() ? "folder" : "file";
}

/** Beside the package's own `package.json`, from the sources as from the built file. */
function findEmbeddedModels(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  return join(here, "../../public/models");
}
