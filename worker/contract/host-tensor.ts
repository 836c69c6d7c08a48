/** Element types of the safetensors format that patchlight reads. */
export const HOST_DTYPES = ["F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "BOOL"] as const;

export type HostDtype = (typeof HOST_DTYPES)[number];

/** `[size, …]` of a tensor, row-major; of a parameter, in PyTorch's layout: Linear `[out, in]`, Conv2d `[out, in, height, width]`. */
export type Shape = readonly number[];

/** A tensor as its file holds it: row-major, little-endian, still in the file's own precision. */
export type HostTensor = {
  readonly dtype: HostDtype;
  readonly shape: Shape;
  readonly bytes: Uint8Array; // a view into the file; of a tensor that lies otherwise there, a copy for each asking
};

export type HostTensors = ReadonlyMap<string, HostTensor>;

/** Numbers of ours as a tensor of a file; the bytes are a view of them. */
export const floatTensor = (shape: Shape, { buffer, byteOffset, byteLength }: Float32Array): HostTensor => ({
  dtype: "F32",
  shape,
  bytes: new Uint8Array(buffer, byteOffset, byteLength),
});

export const elementCount = (shape: Shape): number => shape.reduce((product, size) => product * size, 1);
