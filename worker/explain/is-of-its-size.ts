import type { Tensor4D } from "@tensorflow/tfjs-core";
import type { Size } from "../contract/geometry.ts";

/** Whether an engine takes the image as it is. */
export const isOfItsSize = (
  { imageSize }: { readonly imageSize: Size },
  { shape: [, height, width] }: Tensor4D,
): boolean => height === imageSize.height && width === imageSize.width;
