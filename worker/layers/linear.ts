import { fused, reshape, type Tensor1D, type Tensor2D, type Tensor3D } from "@tensorflow/tfjs-core";
import { expectShape } from "./expect-shape.ts";

/** A dense layer. The kernel stands ready for the product: `[in, out]`, PyTorch's weight transposed. */
export type Linear = {
  readonly kernel: Tensor2D; // [in, out]
  readonly bias: Tensor1D | null; // [out]
};

/** rows `[M, in]` → `[M, out]` */
export function linearRows({ kernel, bias }: Linear, rows: Tensor2D): Tensor2D {
  expectShape("linear input", rows, [null, kernel.shape[0]]);
  return fused.matMul({ a: rows, b: kernel, bias: bias ?? undefined }) as Tensor2D; // [M, out]
}

/** tokens `[B, N, in]` → `[B, N, out]` */
export function linear(layer: Linear, tokens: Tensor3D): Tensor3D {
  const [batch, count, width] = tokens.shape;
  const rows: Tensor2D = reshape(tokens, [batch * count, width]); // [B·N, in]
  return reshape(linearRows(layer, rows), [batch, count, layer.kernel.shape[1]]); // [B, N, out]
}
