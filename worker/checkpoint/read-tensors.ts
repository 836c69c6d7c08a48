import type { HostTensors } from "../contract/host-tensor.ts";
import { isNpz, readNpz } from "./npz.ts";
import { malformedWeights } from "./malformed-weights.ts";
import { isPickle } from "./recognise-wrong-file.ts";
import { readArriving, readSafetensors } from "./safetensors.ts";
import { readTorchLegacy, readTorchZip, isTorchZip } from "./torch/read-torch.ts";
import { isZip, readZip } from "./zip.ts";

/**
 * All tensors of a file of weights, of whichever kind its bytes are: safetensors, NumPy's .npz, or what PyTorch saves, of
 * which nothing is run. `what` names the file in messages. Throws `safetensors-*`, `weights-malformed`, `source-lfs-pointer`.
 */
export function readTensors(bytes: Uint8Array, what: string): HostTensors {
  if (!isPickle(bytes)) return readSafetensors(bytes, what);
  if (!isZip(bytes)) return readTorchLegacy(bytes, what);
  const files = readZip(bytes, what);
  if (isNpz(files)) return readNpz(files, what);
  if (isTorchZip(files)) return readTorchZip(files, what);
  const some = [...files.keys()].slice(0, 3).join(", ") || "nothing";
  throw malformedWeights(what, `wanted an archive of NumPy's or PyTorch's, got one of ${some}`);
}

/** The same of the first `arrived` bytes of a file; `null` where they do not tell yet, as of an archive they never do. */
export const readArrivingTensors = (file: Uint8Array, arrived: number, what: string): HostTensors | null =>
  isPickle(file.subarray(0, arrived)) ? null : readArriving(file, arrived, what);
