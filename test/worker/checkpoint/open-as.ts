import { openModel, type OpenedModel } from "../../../worker/checkpoint/open-model.ts";
import type { ModelFolder } from "../../../worker/contract/model-folder.ts";

/** Opens a folder that must hold a model of one kind. */
export async function openAs<Type extends OpenedModel["type"]>(
  type: Type,
  folder: ModelFolder,
): Promise<Extract<OpenedModel, { type: Type }>> {
  const opened = await openModel(folder);
  if (opened.type !== type) throw new Error(`wanted a model of type ${type}, got ${opened.type}`);
  return opened as Extract<OpenedModel, { type: Type }>;
}
