import {
  add,
  type backend_util,
  conv2d,
  reshape,
  tidy,
  type Tensor1D,
  type Tensor3D,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import { padding } from "./convolved-length.ts";
import { expectShape } from "./expect-shape.ts";

/** A 1-D convolution over a sequence with PyTorch's padding of k // 2. */
export type SequenceConvolution = {
  readonly kernel: Tensor3D; // [k, in, out], PyTorch's [out, in, k] with its axes turned
  readonly bias: Tensor1D | null; // [out]
};

/** sequence `[B, T, in]` → `[B, T, out]` for an odd kernel: each token sees k // 2 neighbours on either side. */
export function convolveSequence({ kernel, bias }: SequenceConvolution, sequence: Tensor3D): Tensor3D {
  const [size, inputs, outputs] = kernel.shape;
  expectShape("sequence convolution input", sequence, [null, null, inputs]);
  const [batch, count] = sequence.shape;
  return tidy(() => {
    const beside = padding(size);
    const line: Tensor4D = reshape(sequence, [batch, 1, count, inputs]);
    const filter: Tensor4D = reshape(kernel, [1, size, inputs, outputs]);
    const zeros: backend_util.ExplicitPadding = [
      [0, 0],
      [0, 0],
      [beside, beside],
      [0, 0],
    ];
    const convolved = conv2d(line, filter, 1, zeros); // [B, 1, T, out]
    const tokens: Tensor3D = reshape(convolved, [batch, convolved.shape[2], outputs]);
    return bias ? add(tokens, bias) : tokens;
  });
}
