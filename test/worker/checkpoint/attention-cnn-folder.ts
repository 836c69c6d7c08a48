import { readSafetensors, writeSafetensors } from "../../../worker/checkpoint/safetensors.ts";
import type { HostTensor } from "../../../worker/contract/host-tensor.ts";
import { goldenFile } from "../../setup/golden.ts";

/** The reference models of test/golden/attention-cnn. */
export type CnnVariant = "scaled" | "unscaled" | "last" | "plain" | "gelu" | "stride";

/** The files of one of them, its tensors changed before they are written. */
export async function attentionCnnFiles(
  variant: CnnVariant,
  change: (tensors: Map<string, HostTensor>) => void = () => undefined,
): Promise<{ "config.json": Record<string, unknown>; "model.safetensors": Uint8Array<ArrayBuffer> }> {
  const [variants, weights] = await Promise.all([
    goldenFile("attention-cnn/variants.json"),
    goldenFile("attention-cnn/weights.safetensors"),
  ]);
  const configs = JSON.parse(new TextDecoder().decode(variants!)) as Record<CnnVariant, Record<string, unknown>>;
  const wanted = [...readSafetensors(weights!)].filter(([name]) => variant !== "plain" || !/^attention\./.test(name));
  const tensors = new Map(wanted);
  change(tensors);
  return { "config.json": configs[variant], "model.safetensors": writeSafetensors(tensors) };
}
