import { elementCount, type HostDtype, type HostTensor, type HostTensors } from "../../contract/host-tensor.ts";
import { DTYPE_BYTES } from "../safetensors.ts";
import { reach, stridedTensor, type Strided } from "../strided.ts";
import { malformedWeights } from "../malformed-weights.ts";
import { Call, Named, Persistent, PickleReader } from "./read-pickle.ts";

const DTYPES: Readonly<Record<string, HostDtype>> = {
  "torch DoubleStorage": "F64",
  "torch FloatStorage": "F32",
  "torch HalfStorage": "F16",
  "torch BFloat16Storage": "BF16",
  "torch LongStorage": "I64",
  "torch IntStorage": "I32",
  "torch ShortStorage": "I16",
  "torch CharStorage": "I8",
  "torch ByteStorage": "U8",
  "torch BoolStorage": "BOOL",
};

/** Under which keys files of training keep the weights, the ones that answer best first; timm and DINO look there too. */
const WRAPPERS = ["teacher", "state_dict_ema", "model_ema", "state_dict", "model_state_dict", "model", "net"];

const TENSOR = /^torch\._utils _rebuild_tensor_v2$/;
const PARAMETER = /^torch\._utils _rebuild_parameter(?:_with_state)?$/;

/** Elements: 4 GiB of float32. A few numbers in a file may be said to be repeated more often than any memory holds. */
const LARGEST = 2 ** 30;

const LEGACY_HEADER = 3; // pickles before the object: a magic number, a version, the machine's word sizes

/** Where a tensor's numbers lie: in which storage, and how. */
type Placed = { readonly key: string; readonly dtype: HostDtype | undefined; readonly place: Strided };

export const isTorchZip = (files: ReadonlyMap<string, Uint8Array>): boolean => pickleIn(files) !== undefined;

const pickleIn = (files: ReadonlyMap<string, Uint8Array>): string | undefined =>
  [...files.keys()].find((name) => name.endsWith("/data.pkl"));

/**
 * The tensors of a state dict that `torch.save` wrote, from the files of its archive: views, but of those that do not lie
 * row by row. Throws `weights-malformed`.
 */
export function readTorchZip(files: ReadonlyMap<string, Uint8Array>, what: string): HostTensors {
  const path = pickleIn(files)!;
  const folder = path.slice(0, -"data.pkl".length);
  const object = new PickleReader(files.get(path)!, what).read();
  return tensorsIn(object, (key) => files.get(`${folder}data/${key}`), what);
}

/** The same of the format before PyTorch 1.6: pickles, the last a list of keys, then the storages in its order. */
export function readTorchLegacy(bytes: Uint8Array, what: string): HostTensors {
  const pickle = new PickleReader(bytes, what);
  for (let at = 0; at < LEGACY_HEADER; at++) pickle.read();
  const object = pickle.read();
  const dtypes = new Map(pickle.persistent.map(storageOf).map(({ key, dtype }) => [key, dtype]));
  const keys = pickle.read();
  const storages = new Map<string, Uint8Array>();
  for (const key of Array.isArray(keys) ? keys.map(String) : []) {
    const dtype = dtypes.get(key);
    storages.set(key, pickle.take(pickle.number(8) * (dtype ? DTYPE_BYTES[dtype] : NaN)));
  }
  return tensorsIn(object, (key) => storages.get(key), what);
}

function tensorsIn(object: unknown, storage: (key: string) => Uint8Array | undefined, what: string): HostTensors {
  const tensors = new Map<string, HostTensor>();
  for (const [name, value] of stateDict(object, what)) {
    const placed = placeOf(value);
    if (!placed) continue;
    const { key, dtype, place } = placed;
    const bytes = storage(key);
    if (!dtype || !bytes || !isWithin(place, bytes.length / DTYPE_BYTES[dtype]))
      throw malformedWeights(`${what}: ${String(name)}`, "its numbers are not all in the file; download it again");
    tensors.set(String(name), stridedTensor({ dtype, bytes }, place));
  }
  return tensors;
}

/** Whether it is a place at all, and so many numbers reach to its end. */
function isWithin(place: Strided, numbers: number): boolean {
  const { shape, strides, offset } = place;
  const sizes: unknown[] = [offset, shape, strides].flat();
  const isPlace = Array.isArray(shape) && Array.isArray(strides) && shape.length === strides.length;
  return isPlace && sizes.every(isSize) && elementCount(shape) <= LARGEST && reach(place) <= numbers;
}

const isSize = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

/** The dictionary of weights: the object itself, or one inside it. */
function stateDict(object: unknown, what: string): ReadonlyMap<unknown, unknown> {
  if (!(object instanceof Map)) {
    const kind = object instanceof Call && object.callee instanceof Named ? `a whole ${object.callee.name}` : "none";
    throw malformedWeights(what, `wanted a state dict, got ${kind}; save model.state_dict()`);
  }
  const inside = [...WRAPPERS.map((key): unknown => object.get(key)), object, ...object.values()];
  const found = inside.find((value): value is Map<unknown, unknown> => value instanceof Map && holdsTensors(value));
  if (!found) throw malformedWeights(what, "wanted a state dict, got none with tensors; save model.state_dict()");
  return found;
}

const holdsTensors = (dictionary: ReadonlyMap<unknown, unknown>): boolean => [...dictionary.values()].some(placeOf);

/** `null` for what is no tensor, nor a parameter around one. */
function placeOf(value: unknown): Placed | null {
  const tensor = asksFor(value, PARAMETER) ? value.args[0] : value;
  if (!asksFor(tensor, TENSOR)) return null;
  const [storage, offset, shape, strides] = tensor.args;
  return { ...storageOf(storage), place: { offset, shape, strides } as Strided };
}

const asksFor = (value: unknown, name: RegExp): value is Call =>
  value instanceof Call && value.callee instanceof Named && name.test(value.callee.name);

/** Of what a pickle says in the place of a storage: ("storage", type, key, device, elements). */
function storageOf(value: unknown): Pick<Placed, "key" | "dtype"> {
  const [, type, key] = value instanceof Persistent && Array.isArray(value.id) ? (value.id as unknown[]) : [];
  return { key: String(key), dtype: type instanceof Named ? DTYPES[type.name] : undefined };
}
