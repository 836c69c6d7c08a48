/** The safetensors format: bytes ↔ named tensors. No file access here, and no idea of what the names mean. */
export { readArriving, readSafetensors, readSafetensorsMetadata } from "./safetensors/read-safetensors.ts";
export { writeSafetensors } from "./safetensors/write-safetensors.ts";
export { toFloat32 } from "./safetensors/to-float32.ts";
export { DTYPE_BYTES } from "./safetensors/dtype-bytes.ts";
