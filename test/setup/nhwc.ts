import type { HostArray } from "../../worker/contract/forward.ts";
import type { GoldenTensor } from "./golden.ts";

/** `[B, C, height, width]` → `[B, height, width, C]` */
export function nhwc({ values, shape }: GoldenTensor): HostArray {
  const [images, channels, height, width] = shape as [number, number, number, number];
  const turned = Float32Array.from(values, (_, at) => {
    const [pixel, channel] = [Math.floor(at / channels), at % channels];
    const [image, place] = [Math.floor(pixel / (height * width)), pixel % (height * width)];
    return values[(image * channels + channel) * height * width + place]!;
  });
  return { shape: [images, height, width, channels], values: turned };
}
