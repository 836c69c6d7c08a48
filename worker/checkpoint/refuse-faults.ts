import { VisionError, type VisionErrorCode } from "../contract/errors.ts";
import type { Assembly } from "./assemble.ts";
import type { FileNames } from "./names/file-names.ts";
import { nearestName } from "./nearest-name.ts";

const LISTED = 5; // faults of one kind that a message spells out; the rest is counted

/** A fault with a checkpoint, ready to be thrown or listed. */
export type Problem = { readonly code: VisionErrorCode; readonly message: string };

/** Every kind of misfit of an assembly, worst first, each naming its tensors. Empty where the file fits. */
export function describeFaults(assembly: Assembly, names: FileNames, fileNames: readonly string[]): Problem[] {
  const { missing, misshapen, notFloat, unexpected } = assembly;
  const nearestAmong = unexpected.length > 0 ? unexpected : fileNames;
  const faults: Problem[] = [
    {
      code: "checkpoint-missing-tensor",
      message: list(missing, "missing", (name) => {
        const near = nearestName(name, nearestAmong);
        return near === null ? name : `${name} (nearest there: ${near})`;
      }),
    },
    {
      code: "checkpoint-shape-mismatch",
      message: list(misshapen, "of the wrong shape", ({ name, expected, got }) => {
        return `${name}: expected [${expected.join(", ")}], got [${got.join(", ")}]`;
      }),
    },
    {
      code: "checkpoint-dtype",
      message: list(
        notFloat,
        "of the wrong type",
        ({ name, dtype }) => `${name}: expected F64, F32, F16 or BF16, got ${dtype}`,
      ),
    },
    {
      code: "checkpoint-unexpected-tensor",
      message: list(unexpected, "unexpected", (name) => {
        const reason = names.whyUnsupported(name);
        return reason === undefined ? name : `${name} (${reason}: not supported)`;
      }),
    },
  ];
  return faults.filter(({ message }) => message !== "");
}

/** Throws the worst fault, with the others told in the same message. */
export function refuseFaults(assembly: Assembly, names: FileNames, fileNames: readonly string[]): void {
  const faults = describeFaults(assembly, names, fileNames);
  const [worst] = faults;
  if (!worst) return;
  throw new VisionError(worst.code, `weights (${names.title}): ${faults.map(({ message }) => message).join("; ")}`);
}

function list<Item>(items: readonly Item[], kind: string, tell: (item: Item) => string): string {
  if (items.length === 0) return "";
  const told = items.slice(0, LISTED).map(tell).join(", ");
  const more = items.length > LISTED ? `, and ${items.length - LISTED} more` : "";
  return `${items.length} tensor${items.length === 1 ? "" : "s"} ${kind}: ${told}${more}`;
}
