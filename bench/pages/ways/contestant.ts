import type { HostArray } from "../../../worker/contract/forward.ts";

/** Who computes, on what, and with how many threads. */
export type Way = {
  readonly by: "engine" | "session" | "composed" | "onnxruntime-web";
  readonly on: "wasm" | "webgl" | "webgpu";
  readonly threads: number;
};

/** A model in a browser: a folder in Hugging Face layout, beside it the same as ONNX. */
export type ModelAddress = { readonly folder: string };

/** How far a model is run, and what is read back beside its logits. */
export type Extent =
  | "logits"
  | "logits and rows" // of every layer's attention, the class token's
  | `block ${number}`;

/** A model that stands ready. Images are normalised, `[B, C, height, width]` or as it wants them. */
export type Contestant = {
  readonly wantsChannelsLast: boolean; // images `[B, height, width, C]`
  run(images: HostArray, extent: Extent): Promise<Float32Array>;
  /** Bytes that weights, activations and what is kept for the next run take on the device; `null` where nobody tells. */
  bytes(): number | null;
};

/** `[B, C, height, width]` → `[B, height, width, C]` */
export function channelsLast({ shape, values }: HostArray): HostArray {
  const [batch, channels, height, width] = shape as [number, number, number, number];
  const area = height * width;
  const turned = new Float32Array(values.length);
  for (let image = 0; image < batch; image++)
    for (let at = 0; at < area; at++)
      for (let channel = 0; channel < channels; channel++)
        turned[(image * area + at) * channels + channel] = values[(image * channels + channel) * area + at]!;
  return { shape: [batch, height, width, channels], values: turned };
}
