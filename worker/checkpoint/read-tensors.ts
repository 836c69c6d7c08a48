import type { HostTensors } from "../contract/host-tensor.ts";
import { isNpz, readNpz } from "./npz.ts";
import { isPickle } from "./recognise-wrong-file.ts";
import { readArriving, readSafetensors } from "./safetensors.ts";
import { readTorchLegacy, readTorchZip, isTorchZip } from "./torch/read-torch.ts";
import { isZip, malformed, readZip } from "./zip.ts";

const OPENING_BRACE = 0x7b; // behind the eight bytes of a length, where safetensors begin their header

/**
 * All tensors of a file of weights, of whichever kind its bytes are: safetensors, NumPy's .npz, or what PyTorch saves, of
 * which nothing is run. `what` names the file in messages. Throws `safetensors-*`, `weights-malformed`, `source-lfs-pointer`.
 */
export function readTensors(bytes: Uint8Array, what: string): HostTensors {
  if (isSafetensors(bytes)) return readSafetensors(bytes, what);
  if (!isZip(bytes)) return readTorchLegacy(bytes, what);
  const files = readZip(bytes, what);
  if (isNpz(files)) return readNpz(files, what);
  if (isTorchZip(files)) return readTorchZip(files, what);
  const some = [...files.keys()].slice(0, 3).join(", ") || "nothing";
  throw malformed(what, `wanted an archive of NumPy's or PyTorch's, got one of ${some}`);
}

/** The same of the first `arrived` bytes of a file; `null` where they do not tell yet, as of an archive they never do. */
export const readArrivingTensors = (file: Uint8Array, arrived: number, what: string): HostTensors | null =>
  isSafetensors(file.subarray(0, arrived)) ? readArriving(file, arrived, what) : null;

/** Or a file of no kind that is read: safetensors' reader says so. */
const isSafetensors = (bytes: Uint8Array): boolean => bytes[8] === OPENING_BRACE || !isPickle(bytes);
