import { VisionError } from "../../worker/contract/errors.ts";

const LONGEST_PART = 255; // bytes: what ext4, APFS and NTFS take
const LONGEST_PATH = 1024; // bytes: no data set comes near it, and a folder a byte deep each would make hundreds

const bytes = (text: string): number => Buffer.byteLength(text);
const parts = (name: string): string[] => name.split("/").filter((part) => part !== "" && part !== ".");

/** Windows takes dots and spaces off the end of a name, so that `.. ` is `..` there. */
const FAULTS: readonly [fault: string, has: (name: string) => boolean][] = [
  ["no name", (name) => name === ""],
  ["a control character in its name", (name) => /[\0-\x1f\x7f]/.test(name)],
  ["a backslash in its name", (name) => name.includes("\\")],
  ["an absolute path", (name) => name.startsWith("/")],
  ["a drive letter", (name) => /^[a-z]:/i.test(parts(name)[0] ?? "")],
  ["a path that leads out of its folder", (name) => parts(name).some((part) => /^[. ]+$/.test(part))],
  ["a name that is too long", (name) => bytes(name) > LONGEST_PATH || parts(name).some((p) => bytes(p) > LONGEST_PART)],
];

/**
 * The name of an archive's entry → where it goes below the folder it is unpacked into, its parts joined by `/`; "" is
 * that folder itself. Throws `source-unsupported` for a name that could lead anywhere else, on any system.
 */
export function entryPath(name: string): string {
  const [fault] = FAULTS.find(([, has]) => has(name)) ?? [];
  if (fault === undefined) return parts(name).join("/");
  throw new VisionError("source-unsupported", `expected a plain path below the data set's folder, got ${fault}`);
}
