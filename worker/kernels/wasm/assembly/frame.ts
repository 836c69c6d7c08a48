/**
 * What a step needs to know of some images, in memory, written by encoder-frame.ts: fields in the order of its `FIELDS`,
 * one i32 each. Strides are bytes from row to row, all else is counts and pointers.
 */
@unmanaged
export class Frame {
  batch: i32; // images that go through a step together
  tokens: i32; // of one image, prefix and patches
  prefix: i32;
  width: i32;
  stride: i32; // of rows of `width`
  heads: i32;
  headWidth: i32;
  inner: i32;
  activation: i32;
  epsilon: f32;
  // the image and its patches
  gridWidth: i32;
  patchHeight: i32;
  patchStride: i32; // one row of pixels of a patch
  gatheredStride: i32; // all of them in one row
  imageStride: i32; // one row of pixels
  imageBytes: i32;
  // parameters
  patchKernel: usize;
  patchBias: usize;
  prefixRows: usize; // [prefix, width], positions added
  positions: usize; // [patches, width]
  layers: usize; // a table of `Layer`
  // activations
  images: usize; // [B, H, W, C]
  states: usize; // [B · N, width]: the residual stream
  normed: usize; // [B · N, width]: what a norm made of them, or what attention found
  normedStride: i32; // with room for what stands behind the last head
  wide: usize; // [B · N, 3 · width] queries, keys and values, or [B · N, inner] hidden units
  wideStride: i32;
  keys: usize; // [B, heads] packed [headWidth, N]
  values: usize; // [B, heads] packed [N, headWidth]
  keyBytes: i32; // of one head
  valueBytes: i32;
  attention: usize; // [B, heads, N, N], or 0 where it is not asked for
  // where products with what a norm made are strassen.ts's: s1 to s4, each [B · ⌈N / 2⌉, width / 2]; 0 where they are not
  sums: usize;
  sumStride: i32;
  sumBytes: i32; // of one of the four
  // scratch of one thread: scores of some queries, gathered patches, or what strassen.ts wants
  scoreStride: i32;
  scratch: usize;
  scratchBytes: i32;
  // how a step is shared
  reach: i32; // tokens of each image, from its first on, that the step goes through
  blockRows: i32; // the most rows that are multiplied together
  next: i32; // the next task that nobody has taken
}

/** The parameters of one block. Products are packed, biases filled up with zeros. */
@unmanaged
export class Layer {
  normBeforeScale: usize;
  normBeforeShift: usize;
  query: usize; // divided by √headWidth
  queryBias: usize;
  keyValue: usize; // [width, 2 · width]
  keyValueBias: usize;
  output: usize;
  outputBias: usize;
  normAfterScale: usize;
  normAfterShift: usize;
  expand: usize;
  expandBias: usize;
  contract: usize;
  contractBias: usize;
}

const LAYER_BYTES: usize = offsetof<Layer>();

export function layerAt(frame: Frame, layer: i32): Layer {
  return changetype<Layer>(frame.layers + <usize>layer * LAYER_BYTES);
}
