import {
  concat,
  Pack,
  SplitV,
  stack,
  Unpack,
  unstack,
  type GradConfig,
  type PackAttrs,
  type SplitVAttrs,
  type Tensor,
  type UnpackAttrs,
} from "@tensorflow/tfjs-core";

const parted: GradConfig = {
  kernelName: SplitV,
  gradFunc: (dys, _, attributes) => {
    const { axis } = attributes as unknown as SplitVAttrs;
    return { x: () => concat(dys as Tensor[], axis) };
  },
};

const unstacked: GradConfig = {
  kernelName: Unpack,
  gradFunc: (dys, _, attributes) => {
    const { axis } = attributes as unknown as UnpackAttrs;
    return { value: () => stack(dys as Tensor[], axis) };
  },
};

const stacked: GradConfig = {
  kernelName: Pack,
  gradFunc: (dy, _, attributes) => {
    const { axis } = attributes as unknown as PackAttrs;
    const parts = unstack(dy as Tensor, axis).map((part) => () => part);
    return Object.fromEntries(parts.entries());
  },
};

/** Kernels that make several tensors of one, or one of several. */
export const joined: readonly GradConfig[] = [parted, unstacked, stacked];
