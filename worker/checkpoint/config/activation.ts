import type { VitConfig } from "../../models/vit/config.ts";
import { malformed } from "./check-json.ts";

/** transformers' names for activations; "gelu" is the exact form with erf, "gelu-tanh" its approximation. */
const ACTIVATIONS: Readonly<Record<string, VitConfig["activation"]>> = {
  gelu: "gelu",
  gelu_python: "gelu",
  gelu_new: "gelu-tanh",
  gelu_fast: "gelu-tanh",
  gelu_accurate: "gelu-tanh",
  gelu_pytorch_tanh: "gelu-tanh",
  relu: "relu",
  silu: "silu",
  swish: "silu",
};

/** The name to write an activation under. */
export const ACTIVATION_NAMES: Readonly<Record<VitConfig["activation"], string>> = {
  gelu: "gelu",
  "gelu-tanh": "gelu_pytorch_tanh",
  relu: "relu",
  silu: "silu",
};

/** Throws `config-malformed`, listing the names that are known. */
export function readActivation(name: string, what: string, field: string): VitConfig["activation"] {
  const activation = Object.hasOwn(ACTIVATIONS, name) ? ACTIVATIONS[name] : undefined;
  if (!activation) throw malformed(what, field, `one of ${Object.keys(ACTIVATIONS).join(", ")}`, name);
  return activation;
}
