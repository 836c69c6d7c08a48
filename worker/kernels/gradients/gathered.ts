import {
  cast,
  GatherV2,
  matMul,
  oneHot,
  reshape,
  transpose,
  util,
  type GatherV2Attrs,
  type GradConfig,
  type Tensor,
} from "@tensorflow/tfjs-core";

/**
 * Rows chosen along one axis of x `[outer…, V, inner…]`, without batch dimensions. Each row gets the sum of what came of
 * it, as a product with zeros and ones: the wasm backend has no sum by segments.
 */
export const gathered: GradConfig = {
  kernelName: GatherV2,
  inputsToSave: ["x", "indices"],
  gradFunc: (dy, [x, indices], attributes) => {
    const { axis } = attributes as unknown as GatherV2Attrs;
    const at = util.parseAxisParam(axis, x!.shape)[0]!;
    const rows = x!.shape[at]!;
    const [outer, inner] = [x!.shape.slice(0, at), x!.shape.slice(at + 1)].map((shape) =>
      util.sizeFromShape(shape),
    ) as [number, number];
    const toX = (): Tensor => {
      const count = indices!.size;
      const chosen = cast(oneHot(reshape(indices!, [count]), rows), "float32"); // [n, V]
      const apart = transpose(reshape(dy as Tensor, [outer, count, inner]), [0, 2, 1]); // [outer, inner, n]
      const sums = matMul(reshape(apart, [outer * inner, count]), chosen); // [outer · inner, V]
      return reshape(transpose(reshape(sums, [outer, inner, rows]), [0, 2, 1]), x!.shape);
    };
    return { x: toX, indices: () => indices! };
  },
};
