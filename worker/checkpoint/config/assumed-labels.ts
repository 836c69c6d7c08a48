import * as v from "valibot";
import type { ModelFolder } from "../../contract/model-folder.ts";
import type { CallOptions } from "../../contract/progress.ts";
import type { DeclaredModel } from "./declared-model.ts";

/** ImageNet-1k's classes in their order, beside the embedded models. */
const IMAGENET_FILE = "imagenet-1k.json";
const IMAGENET_CLASSES = 1000;

const schema = v.object({ labels: v.pipe(v.array(v.string()), v.length(IMAGENET_CLASSES)) });

/**
 * Names for a model of 1,000 classes whose files have none, as weights of timm, torchvision and google-research: they are
 * taken to be ImageNet-1k's, as timm takes them (`infer_imagenet_subset`). Empty where the model may have others, or the
 * list is not at hand. Throws only an `AbortError`.
 */
export async function assumeLabels(
  folder: ModelFolder,
  model: DeclaredModel,
  options?: CallOptions,
): Promise<readonly string[]> {
  if (model.type !== "vit") return [];
  const { head, labels } = model.declared;
  const mayBeImagenets = head !== false && (labels.classes ?? IMAGENET_CLASSES) === IMAGENET_CLASSES;
  if (labels.byIndex.size > 0 || !mayBeImagenets) return [];
  const bytes = await folder.readShared?.(IMAGENET_FILE, options).catch(() => null);
  options?.signal?.throwIfAborted();
  return bytes ? read(bytes) : [];
}

function read(bytes: Uint8Array): readonly string[] {
  try {
    const list = v.safeParse(schema, JSON.parse(new TextDecoder().decode(bytes)));
    return list.success ? list.output.labels : [];
  } catch {
    return []; // some other file in its place
  }
}
