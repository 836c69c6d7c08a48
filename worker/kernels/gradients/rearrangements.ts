import {
  Cast,
  clone,
  Concat,
  Identity,
  pad,
  PadV2,
  reshape,
  Reshape,
  slice,
  Slice,
  slice_util,
  sum,
  Tile,
  transpose,
  Transpose,
  util,
  type ConcatAttrs,
  type GradConfig,
  type PadV2Attrs,
  type SliceAttrs,
  type Tensor,
  type TileAttrs,
  type TransposeAttrs,
} from "@tensorflow/tfjs-core";

const concatenated: GradConfig = {
  kernelName: Concat,
  saveAllInputs: true,
  gradFunc: (dy, parts, attributes) => {
    const axis = util.parseAxisParam((attributes as unknown as ConcatAttrs).axis, parts[0]!.shape)[0]!;
    let next = 0;
    const thunks = parts.map(({ shape }) => {
      const begin = shape.map((_, other) => (other === axis ? next : 0));
      next += shape[axis]!;
      return () => slice(dy as Tensor, begin, shape);
    });
    return Object.fromEntries(thunks.entries());
  },
};

const sliced: GradConfig = {
  kernelName: Slice,
  inputsToSave: ["x"],
  gradFunc: (dy, [x], attributes) => {
    const { begin, size } = attributes as unknown as SliceAttrs;
    const [starts, sizes] = slice_util.parseSliceParams(x!, begin, size);
    const around = x!.shape.map((length, axis): [number, number] => {
      const start = starts![axis]!;
      return [start, length - start - sizes![axis]!];
    });
    return { x: () => pad(dy as Tensor, around) };
  },
};

const padded: GradConfig = {
  kernelName: PadV2,
  inputsToSave: ["x"],
  gradFunc: (dy, [x], attributes) => {
    const begin = (attributes as unknown as PadV2Attrs).paddings.map(([before]) => before);
    return { x: () => slice(dy as Tensor, begin, x!.shape) };
  },
};

/** dy `[r₀·s₀, r₁·s₁, …]` → `[r₀, s₀, r₁, s₁, …]`, summed over the repetitions r. */
const tiled: GradConfig = {
  kernelName: Tile,
  inputsToSave: ["x"],
  gradFunc: (dy, [x], attributes) => {
    const { reps } = attributes as unknown as TileAttrs;
    const apart = x!.shape.flatMap((length, axis) => [reps[axis]!, length]);
    const repetitions = reps.map((_, axis) => 2 * axis);
    return { x: () => sum(reshape(dy as Tensor, apart), repetitions) };
  },
};

const transposed: GradConfig = {
  kernelName: Transpose,
  gradFunc: (dy, _, attributes) => {
    const { perm } = attributes as unknown as TransposeAttrs;
    const back = perm.map((_, axis) => perm.indexOf(axis));
    return { x: () => transpose(dy as Tensor, back) };
  },
};

const reshaped: GradConfig = {
  kernelName: Reshape,
  inputsToSave: ["x"],
  gradFunc: (dy, [x]) => ({ x: () => reshape(dy as Tensor, x!.shape) }),
};

/** Kernels that hand the gradient through as it comes. */
const passed = [Cast, Identity].map((kernelName): GradConfig => ({
  kernelName,
  gradFunc: (dy) => ({ x: () => clone(dy as Tensor) }),
}));

/** Kernels that move elements and compute nothing. */
export const rearrangements: readonly GradConfig[] = [
  concatenated,
  sliced,
  padded,
  tiled,
  transposed,
  reshaped,
  ...passed,
];
