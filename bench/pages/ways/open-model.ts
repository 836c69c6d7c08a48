import { openModel, type OpenedModel } from "../../../worker/checkpoint/open-model.ts";
import type { ModelFolder } from "../../../worker/contract/model-folder.ts";
import type { ModelAddress } from "./contestant.ts";

const FILES = ["config.json", "preprocessor_config.json", "model.safetensors"];

/** A folder on the page's own server, in memory before anybody reads it. */
export async function fetchFolder({ folder }: ModelAddress): Promise<ModelFolder> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const path of FILES) {
    const response = await fetch(`${folder}/${path}`);
    if (response.ok) files.set(path, new Uint8Array(await response.arrayBuffer()));
  }
  return { name: folder, origin: folder, read: async (path) => files.get(path) ?? null };
}

/** A model with its weights in memory. */
export const readModel = async (address: ModelAddress): Promise<OpenedModel> => openModel(await fetchFolder(address));
