import type { Size } from "../contract/geometry.ts";
import type { CnnPlan } from "./cnn-engine.ts";

/** One residual block's measures. `projected`: its shortcut is a 1×1 convolution, since channels or size change. */
export type BlockShape = {
  readonly inputs: number; // channels
  readonly outputs: number;
  readonly stride: number;
  readonly projected: boolean;
};

/** The blocks of one stage, in order. */
export function blockShapes({ stem, stages }: Pick<CnnPlan, "stem" | "stages">, stage: number): BlockShape[] {
  const { channels: outputs, blocks, stride: firstStride } = stages[stage]!;
  return Array.from({ length: blocks }, (_, block) => {
    const inputs = block > 0 ? outputs : (stages[stage - 1] ?? stem).channels;
    const stride = block > 0 ? 1 : firstStride;
    return { inputs, outputs, stride, projected: stride !== 1 || inputs !== outputs };
  });
}

/** The map that a convolution padded by k // 2 makes of one. */
export const strided = ({ width, height }: Size, stride: number): Size => ({
  width: Math.ceil(width / stride),
  height: Math.ceil(height / stride),
});
