import type { HostDtype, HostTensor, HostTensors, Shape } from "../contract/host-tensor.ts";
import type { Located } from "./file-tensors.ts";
import type { FileNames } from "./names/file-names.ts";

/** A tensor whose shape is not what the model wants; both as the file counts them. */
export type Misshapen = { readonly name: string; readonly expected: Shape; readonly got: Shape };

/** What a file gives a model, and every way in which the two do not fit. Names of faults are the file's own. */
export type Assembly = {
  readonly parameters: ReadonlyMap<string, HostTensor>; // by canonical name; views, also into fused tensors
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
  readonly misshapen: readonly Misshapen[];
  readonly notFloat: readonly { readonly name: string; readonly dtype: HostDtype }[];
  readonly ignored: readonly { readonly name: string; readonly reason: string }[];
};

const FLOATS: readonly HostDtype[] = ["F64", "F32", "F16", "BF16"];
/** Sorts a file's tensors into the parameters a model expects and the faults; throws nothing. */
export function assemble(expected: ReadonlyMap<string, Shape>, names: FileNames, tensors: HostTensors): Assembly {
  const parameters = new Map<string, HostTensor>();
  const used = new Set<string>();
  const missing = new Set<string>();
  const misshapen = new Map<string, Misshapen>();
  const notFloat = new Map<string, HostDtype>();
  for (const [canonical, shape] of expected) {
    const { name, part, tensor } = names.locate(canonical, tensors);
    used.add(name);
    const wanted = part ? [(shape[0] ?? 0) * part.of, ...shape.slice(1)] : shape;
    if (!tensor) missing.add(name);
    else if (!sameShape(tensor.shape, wanted)) misshapen.set(name, { name, expected: wanted, got: tensor.shape });
    else if (!FLOATS.includes(tensor.dtype)) notFloat.set(name, tensor.dtype);
    else parameters.set(canonical, part ? sliceRows(tensor, part, shape) : tensor);
  }
  const others = [...tensors.keys()].filter((name) => !used.has(name));
  return {
    parameters,
    missing: [...missing],
    unexpected: others.filter((name) => names.whyIgnored(name) === undefined),
    misshapen: [...misshapen.values()],
    notFloat: [...notFloat].map(([name, dtype]) => ({ name, dtype })),
    ignored: others.flatMap((name) => {
      const reason = names.whyIgnored(name);
      return reason === undefined ? [] : [{ name, reason }];
    }),
  };
}

/** Rows of a row-major tensor lie together: a part of them is a view. */
function sliceRows({ dtype, bytes }: HostTensor, part: NonNullable<Located["part"]>, shape: Shape): HostTensor {
  const length = bytes.length / part.of;
  return { dtype, shape, bytes: bytes.subarray(part.index * length, (part.index + 1) * length) };
}

const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((size, axis) => size === b[axis]);
