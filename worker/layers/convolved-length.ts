/** Pixels of zeros on each side of a map, as PyTorch's `padding=k // 2`; stride 1 and an odd kernel keep the size. */
export const padding = (kernelSize: number): number => Math.floor(kernelSize / 2);

/** Pixels along one side of a convolution's output, given those of its input. */
export const convolvedLength = (length: number, kernelSize: number, stride: number): number =>
  Math.floor((length + 2 * padding(kernelSize) - kernelSize) / stride) + 1;
