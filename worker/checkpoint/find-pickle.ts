import type { ModelFolder } from "../contract/model-folder.ts";
import type { CallOptions } from "../contract/progress.ts";
import { lookFor } from "./look-for.ts";

const PICKLES = ["pytorch_model.bin", "pytorch_model.bin.index.json", "model.pt", "model.pth"];

/** The name of a PyTorch pickle in a folder that has no safetensors, or `null`. Only for a better message. */
export async function findPickle(folder: ModelFolder, options?: CallOptions): Promise<string | null> {
  for (const name of PICKLES) if ((await lookFor(folder, name, options?.signal)) === "there") return name;
  return null;
}
