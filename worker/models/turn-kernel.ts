/** Measures of a weight `[outputs, inputs, …taps]`: one tap for a dense layer, k · k for a convolution. */
type KernelShape = { readonly taps: number; readonly inputs: number; readonly outputs: number };

/**
 * PyTorch's `[outputs, inputs, …taps]` → `[…taps, inputs, outputs]`, each output times its `scale`. For a dense layer
 * this is the transpose: products with an untransposed kernel are the quick ones on wasm.
 */
export function turnKernel(
  weight: Float32Array,
  { taps, inputs, outputs }: KernelShape,
  scale?: Float64Array,
): Float32Array {
  const kernel = new Float32Array(weight.length);
  let at = 0;
  for (let out = 0; out < outputs; out++) {
    const factor = scale?.[out] ?? 1;
    for (let channel = 0; channel < inputs; channel++) {
      for (let tap = 0; tap < taps; tap++) kernel[(tap * inputs + channel) * outputs + out] = weight[at++]! * factor;
    }
  }
  return kernel;
}
