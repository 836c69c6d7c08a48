import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { archiveKind } from "../../../datasets/archive/archive-kind.ts";
import { unpack, type UnpackOptions } from "../../../datasets/archive/unpack.ts";
import { putFiles } from "../put-files.ts";
import { makeTar, makeTarGz, makeZip, type TarEntry, type ZipEntry } from "./make-archives.ts";

let dir: string;
beforeEach(async () => (dir = await mkdtemp(join(tmpdir(), "patchlight-unpack-"))));
afterEach(() => rm(dir, { recursive: true }));

const unpackBytes = async (bytes: Uint8Array, options?: UnpackOptions): Promise<string> => {
  await mkdir(join(dir, "out"), { recursive: true });
  await writeFile(join(dir, "data"), bytes);
  await unpack(join(dir, "data"), join(dir, "out"), options);
  return join(dir, "out");
};

async function filesIn(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const pairs = files
    .sort()
    .map(async (file) => [file.slice(folder.length + 1), await readFile(file, "utf8")] as const);
  return Object.fromEntries(await Promise.all(pairs));
}

const files = { "set/train/a/x.txt": "one", "set/train/b/y.txt": "two".repeat(500_000), "set/empty": "" };

describe("unpacks", () => {
  test.each([
    ["tar", ["-cf"]],
    ["tar, GNU's format", ["--format=gnu", "-cf"]],
    ["tar, pax", ["--format=pax", "-cf"]],
    ["tar, before POSIX", ["--format=v7", "-cf"]],
    ["tar.gz", ["-czf"]],
  ])("what the command tar writes: %s", async (kind, words) => {
    await putFiles(join(dir, "in"), { ...files, [`set/${"deep/".repeat(15)}long.txt`]: "three" });
    execFileSync("tar", [...words, join(dir, "data"), "-C", join(dir, "in"), "set"]);
    expect(await archiveKind(join(dir, "data"))).toBe(kind === "tar.gz" ? "tar.gz" : "tar");
    await mkdir(join(dir, "out"));
    await unpack(join(dir, "data"), join(dir, "out"));
    expect(await filesIn(join(dir, "out"))).toEqual(await filesIn(join(dir, "in")));
  });

  test("zip, stored and deflated", async () => {
    const out = await unpackBytes(
      makeZip([{ name: "a/" }, { name: "a/x.txt", content: "one", method: 0 }, { name: "b/ä.txt", content: "two" }]),
    );
    expect(await filesIn(out)).toEqual({ "a/x.txt": "one", "b/ä.txt": "two" });
  });

  test("zip64, as Python's zipfile writes it", async () => {
    const python =
      "UEsDBC0AAAAAAAAAIVArrAXg//////////8NABQAdmFsL2NhdC9hLnBuZwEAEAAQAAAAAAAAABAAAAAAAAAAemlwNjQgc2F5cyBoZWxsb1BL" +
      "AQItAy0AAAAAAAAAIVArrAXgEAAAABAAAAANAAAAAAAAAAAAAACAAQAAAAB2YWwvY2F0L2EucG5nUEsFBgAAAAABAAEAOwAAAE8AAAAAAA==";
    const out = await unpackBytes(Buffer.from(python, "base64"));
    expect(await filesIn(out)).toEqual({ "val/cat/a.png": "zip64 says hello" });
  });

  test("an archive without an entry", async () => {
    expect(await filesIn(await unpackBytes(makeZip([])))).toEqual({});
  });

  test("and tells how many bytes it has read, up to all", async () => {
    for (const bytes of [makeTarGz([{ name: "a", content: "x" }]), makeZip([{ name: "b", content: "x" }])]) {
      const told: number[] = [];
      await unpackBytes(bytes, { onRead: (loaded) => told.push(loaded) });
      expect(told).toEqual(told.toSorted((a, b) => a - b));
      expect(told.at(-1)).toBeGreaterThan(0);
      expect(told.at(-1)).toBeLessThanOrEqual(bytes.length);
    }
  });
});

describe("refuses, names the entry, and writes nothing outside,", () => {
  const tars: [string, TarEntry[], string][] = [
    ["a path out", [{ name: "../evil" }], "leads out"],
    ["an absolute path", [{ name: "/tmp/evil" }], "absolute"],
    ["a drive letter", [{ name: "C:evil" }], "drive letter"],
    ["a backslash", [{ name: "a\\evil" }], "backslash"],
    ["a symbolic link", [{ name: "evil", type: "2", link: "/etc" }], "got a symbolic link"],
    ["a hard link", [{ name: "evil", type: "1", link: "x" }], "got a hard link"],
    ["a device", [{ name: "evil", type: "3" }], "got a device"],
    ["a pipe", [{ name: "evil", type: "6" }], "got a named pipe"],
    ["an unknown kind", [{ name: "evil", type: "Q" }], "an unknown kind"],
    ["a name twice", [{ name: "evil" }, { name: "./evil" }], "each name once"],
    ["a file where a folder is", [{ name: "evil/x" }, { name: "evil" }], "each name once"],
    ["a folder where a file is", [{ name: "a" }, { name: "a/evil" }], "each name once"],
  ];
  test.each(tars)("tar: %s", async (_, entries, message) => {
    const failed = unpackBytes(makeTar([{ name: "good", content: "x" }, ...entries]));
    await expect(failed).rejects.toMatchObject({
      code: "source-unsupported",
      message: expect.stringMatching(/^.*data, entry ".*evil.*": .*/),
    });
    await expect(failed).rejects.toThrow(message);
    expect((await readdir(dir)).sort()).toEqual(["data", "out"]);
  });

  const zips: [string, ZipEntry, string, string][] = [
    ["a path out", { name: "../evil" }, "source-unsupported", "leads out"],
    ["a backslash", { name: "..\\evil" }, "source-unsupported", "backslash"],
    ["a drive letter", { name: "C:/evil" }, "source-unsupported", "drive letter"],
    ["a symbolic link", { name: "evil", content: "/etc", mode: 0o120777 }, "source-unsupported", "symbolic link"],
    ["a device", { name: "evil", mode: 0o020666 }, "source-unsupported", "a device"],
    ["an encrypted file", { name: "evil", flags: 0x801 }, "source-unsupported", "an encrypted file"],
    ["another compression", { name: "evil", method: 14 }, "source-unsupported", "neither stored nor deflated"],
    ["a wrong checksum", { name: "evil", content: "x", crc: 1 }, "source-checksum", "checksum"],
    ["more bytes than declared", { name: "evil", content: "xxx", declared: 2 }, "source-checksum", "damaged"],
    ["fewer bytes than declared", { name: "evil", content: "xxx", declared: 4 }, "source-checksum", "damaged"],
  ];
  test.each(zips)("zip: %s", async (_, entry, code, message) => {
    const failed = unpackBytes(makeZip([{ name: "good", content: "x" }, entry]));
    await expect(failed).rejects.toMatchObject({ code, message: expect.stringMatching(/entry ".*evil"/) });
    await expect(failed).rejects.toThrow(message);
    expect((await readdir(dir)).sort()).toEqual(["data", "out"]);
  });

  test("a file through a link that lies there", async () => {
    await mkdir(join(dir, "out"));
    await symlink(join(dir, "elsewhere"), join(dir, "out", "evil"));
    await expect(unpackBytes(makeTar([{ name: "evil", content: "x" }]))).rejects.toThrow("each name once");
    expect((await readdir(dir)).sort()).toEqual(["data", "out"]);
  });
});

describe("bounds what a small archive can become:", () => {
  const limits = { entries: 3, growth: 2, anyway: 1000 };

  test.each([
    ["tar.gz", makeTarGz([{ name: "big", content: "x".repeat(1001) }])],
    ["zip", makeZip([{ name: "big", content: "x".repeat(1001) }])],
    ["zip, all together", makeZip(["x", "y", "big"].map((name) => ({ name, content: "x".repeat(400) })))],
  ])("bytes, %s", async (_, bytes) => {
    const failed = unpackBytes(bytes, { limits });
    await expect(failed).rejects.toMatchObject({ code: "source-unsupported" });
    await expect(failed).rejects.toThrow(/entry "big": wanted at most 1000 bytes/);
    expect(await filesIn(join(dir, "out"))).not.toHaveProperty("big");
  });

  test("entries", async () => {
    const bytes = makeTar(["a", "b", "c", "d"].map((name) => ({ name })));
    await expect(unpackBytes(bytes, { limits })).rejects.toThrow('entry "d": wanted at most 3 entries');
  });
});

describe("tells a damaged archive:", () => {
  const entries = [
    { name: "a", content: Array.from({ length: 3000 }, (_, at) => (at * 7919).toString(36)).join() },
    { name: "b", content: "y".repeat(600) },
  ];
  const tar = makeTar(entries);
  const gz = gzipSync(tar);
  const zip = makeZip(entries);

  test.each([
    ["tar cut in a file", tar.subarray(0, 2000), "source-truncated"],
    ["tar cut between files", makeTar(entries.slice(0, 1)).subarray(0, -1024), "source-truncated"],
    ["tar.gz cut anywhere", gz.subarray(0, gz.length >> 1), "source-truncated"],
    ["tar.gz without its end", gz.subarray(0, -4), "source-truncated"],
    ["zip cut anywhere", zip.subarray(0, zip.length >> 1), "source-truncated"],
    ["tar.gz with a wrong byte", gz.with(gz.length >> 1, gz[gz.length >> 1]! ^ 0xff), "source-checksum"],
    ["gz of no tar", gzipSync(Buffer.alloc(2048, 7)), "source-checksum"],
    ["zip with a wrong byte", zip.with(200, zip[200]! ^ 0xff), "source-checksum"],
  ])("%s", async (_, bytes, code) => {
    await expect(unpackBytes(bytes)).rejects.toMatchObject({ code, message: expect.stringContaining("data") });
  });

  test("and one that is none, or not there", async () => {
    await expect(unpackBytes(Buffer.from("no archive"))).rejects.toThrow("expected a .tar, .tar.gz or .zip file");
    await expect(unpack(join(dir, "none"), dir)).rejects.toMatchObject({ code: "source-not-found" });
  });
});

test("stops when told to", async () => {
  const signal = AbortSignal.abort();
  await expect(unpackBytes(makeTar([{ name: "a" }]), { signal })).rejects.toMatchObject({ name: "AbortError" });
});
