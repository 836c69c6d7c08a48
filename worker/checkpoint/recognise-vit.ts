import { VisionError } from "../contract/errors.ts";
import type { HostTensors } from "../contract/host-tensor.ts";
import { ATTENTION_CNN_TYPE } from "./config/attention-cnn-config.ts";
import { malformed } from "./config/check-json.ts";
import { areAttentionCnnNames } from "./names/attention-cnn-names.ts";
import { detectScheme, type FileNaming } from "./names/detect-scheme.ts";

/**
 * Whose names a ViT's tensors have. Throws `config-unsupported` for names of no ViT, and `config-malformed` for an
 * attention CNN's beside a `config` (parsed; `null`: none) that does not say so: its tensors do not tell all of it.
 */
export function recogniseVit(tensors: HostTensors, config: unknown): FileNaming {
  const names = [...tensors.keys()];
  if (areAttentionCnnNames(names)) {
    const wanted = `model_type "${ATTENTION_CNN_TYPE}": the weights are those of an attention CNN, whose strides no tensor tells`;
    throw malformed("config.json", null, `a file with ${wanted}`, config ?? undefined);
  }
  const naming = detectScheme(names);
  if (naming) return naming;
  const some = names.slice(0, 3).join(", ") || "no tensors at all";
  throw new VisionError(
    "config-unsupported",
    `weights: wanted a Vision Transformer under the names of Hugging Face, timm, torchvision or Flax, got ${some}`,
  );
}
