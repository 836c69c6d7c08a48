import { access, constants, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { VisionError } from "../../../worker/contract/errors.ts";
import { describeRefusal } from "../../node/describe-refusal.ts";
import { isFolder } from "../../node/is-folder.ts";

/** Throws `invalid-argument` unless `path` can be written: told before minutes of work, not after. */
export async function expectWritable(path: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory()) throw cannotWrite(path, "it is a folder");
  const folder = dirname(path);
  if (!found && !(await isFolder(folder))) throw cannotWrite(path, `there is no folder ${folder}`);
  await access(found ? path : folder, constants.W_OK).catch((cause: unknown) => {
    throw cannotWrite(path, describeRefusal(cause), cause);
  });
}

/** Throws `invalid-argument` with the reason where `path` cannot be written after all, as on a full disk. */
export async function writeOutput(path: string, bytes: Uint8Array): Promise<void> {
  await writeFile(path, bytes).catch((cause: unknown) => {
    throw cannotWrite(path, describeRefusal(cause), cause);
  });
}

const cannotWrite = (path: string, reason: string, cause?: unknown): VisionError =>
  new VisionError("invalid-argument", `--output ${path}: it cannot be written: ${reason}`, { cause });
