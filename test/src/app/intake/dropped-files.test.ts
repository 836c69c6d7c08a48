import { expect, test } from "vitest";
import { readDroppedFiles } from "../../../../src/app/intake/dropped-files.ts";

const fileEntry = (name: string) => ({
  isDirectory: false,
  fullPath: `/outer/${name}`,
  file: (resolve: (file: File) => void) => resolve(new File([name], name)),
});

/** As browsers do: at most 100 entries a call, and an empty list at the end. */
const folderEntry = (entries: readonly object[]) => ({
  isDirectory: true,
  createReader: () => {
    let next = 0;
    return { readEntries: (resolve: (batch: object[]) => void) => resolve(entries.slice(next, (next += 100))) };
  },
});

const item = (file: File | null, entry: object | null) => ({
  kind: "file",
  getAsFile: () => file,
  webkitGetAsEntry: () => entry,
});

const transfer = (...items: object[]): DataTransfer => ({ items }) as unknown as DataTransfer; // only `items` is read

test("folders are read to their end, at every depth, and remembered as folders", async () => {
  const inner = folderEntry(Array.from({ length: 150 }, (_, i) => fileEntry(`inner ${i}`)));
  const outer = folderEntry([inner, ...Array.from({ length: 120 }, (_, i) => fileEntry(`outer ${i}`))]);
  const files = await readDroppedFiles(
    transfer(item(new File(["x"], "alone.jpg"), fileEntry("alone.jpg")), item(null, outer), { kind: "string" }),
  );
  expect(files).toHaveLength(271);
  expect(files[0]).toMatchObject({ file: { name: "alone.jpg" }, fromFolder: false });
  expect(files.slice(1).every(({ fromFolder }) => fromFolder)).toBe(true);
  expect(files.slice(1).map(({ path }) => path)).toEqual(files.slice(1).map(({ file }) => `/outer/${file.name}`));
  expect(new Set(files.map(({ file }) => file.name)).size).toBe(271);
});

test("files without an entry, as scripts make them, are files", async () => {
  const files = await readDroppedFiles(transfer(item(new File(["x"], "made.png"), null)));
  expect(files).toMatchObject([{ file: { name: "made.png" }, fromFolder: false }]);
});
