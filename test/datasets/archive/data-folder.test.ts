import { mkdir, mkdtemp, readdir, realpath, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { unpackedFolder } from "../../../datasets/archive/unpacked-folder.ts";
import { openSplit } from "../../../datasets/open-split.ts";
import { putFiles } from "../put-files.ts";
import { makeTar, makeTarGz, makeZip } from "./make-archives.ts";

let dir: string;
let cache: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "patchlight-archives-"));
  cache = join(dir, "cache", "data-sets");
});
afterEach(() => rm(dir, { recursive: true }));

const open = (name: string, split = "val") => openSplit(join(dir, name), split, { cache });
const pictures = ["val/cat/a.png", "val/dog/b.png"].map((name) => ({ name }));
const wrapped = pictures.map(({ name }) => ({ name: `pets/${name}` }));

describe("a data set is opened from", () => {
  test.each([
    ["a tar", "pets.tar", makeTar(pictures)],
    ["a tar.gz", "pets.tgz", makeTarGz(pictures)],
    ["a zip", "pets.zip", makeZip(pictures)],
    ["an archive that goes by another name", "pets", makeZip(pictures)],
    ["an archive with a folder around it all", "pets.zip", makeZip(wrapped)],
    ["one that macOS made", "pets.zip", makeZip([...wrapped, { name: "__MACOSX/pets/._val" }, { name: ".DS_Store" }])],
  ])("%s", async (_, name, bytes) => {
    await putFiles(dir, { [name]: bytes });
    const opened = await open(name);
    expect(opened).toMatchObject({ layout: "image folder", split: "val", classes: ["cat", "dog"] });
    expect(opened.pictures.map(({ path }) => path.slice(opened.root.length))).toEqual([
      "/val/cat/a.png",
      "/val/dog/b.png",
    ]);
  });

  test("a lone split of whatever name, which is no folder around it all", async () => {
    await putFiles(dir, { "pets.tar": makeTar([{ name: "fold-1/cat/a.png" }]) });
    expect(await open("pets.tar", "fold-1")).toMatchObject({ split: "fold-1", classes: ["cat"] });
  });

  test("a folder of its pieces, links and hidden files among them", async () => {
    await putFiles(dir, {
      "pieces/.DS_Store": "",
      "pieces/1.tar.gz": makeTarGz([
        { name: "tiny/wnids.txt", content: "n1\nn2\n" },
        { name: "tiny/train/n1/images/a.png" },
      ]),
      "elsewhere.zip": makeZip([{ name: "tiny/train/n2/images/b.png" }]),
    });
    await symlink(join(dir, "elsewhere.zip"), join(dir, "pieces/2.zip"));
    const { layout, pictures } = await open("pieces", "train");
    expect(layout).toBe("Tiny-ImageNet");
    expect(pictures.map(({ classIndex }) => classIndex)).toEqual([0, 1]);
  });

  test("and not from archives beside other files", async () => {
    await putFiles(dir, { "mixed/1.tar": makeTar(pictures), "mixed/notes.txt": "" });
    await expect(open("mixed")).rejects.toThrow("found 1.tar, notes.txt");
    expect(await readdir(dir)).toEqual(["mixed"]);
  });
});

describe("the folder that archives are unpacked into", () => {
  const archive = (): string => join(dir, "pets.tar");
  const unpacked = () => unpackedFolder([archive()], { cache });
  beforeEach(() => writeFile(archive(), makeTar(pictures)));

  test("is made once, and again when the archive has changed", async () => {
    const first = await unpacked();
    await rm(join(first, "val/cat/a.png"));
    expect(await unpacked()).toBe(first);
    expect(await readdir(join(first, "val/cat"))).toEqual([]);
    await utimes(archive(), 1, 1);
    const second = await unpacked();
    expect(second).not.toBe(first);
    expect(await readdir(join(second, "val/cat"))).toEqual(["a.png"]);
  });

  test("is the same through a link", async () => {
    await symlink(archive(), join(dir, "link.tar"));
    expect(await unpackedFolder([join(dir, "link.tar")], { cache })).toBe(await unpacked());
    expect(await realpath(cache)).toBe(cache);
  });

  test("is made whole when two ask for it at once", async () => {
    const [one, other] = await Promise.all([unpacked(), unpacked()]);
    expect(one).toBe(other);
    expect(await readdir(cache)).toHaveLength(1);
    expect(await readdir(join(one, "val"))).toEqual(["cat", "dog"]);
  });

  test("is not there after a failure", async () => {
    await writeFile(archive(), makeTar([...pictures, { name: "../evil" }]));
    await expect(unpacked()).rejects.toThrow("leads out");
    expect(await readdir(cache)).toEqual([]);
  });

  test("is not what a killed process left, which is cleared away; a running one's and another machine's are left alone", async () => {
    const key = "a".repeat(64);
    const gone = 2 ** 22 + 1; // above the highest process id of Linux
    const here = hostname().replaceAll(/\W/g, "-");
    const [killed, running, far] = [`${here}.${gone}.x1`, `${here}.${process.pid}.x2`, `not-${here}.${gone}.x3`];
    for (const name of [killed, running, far]) await mkdir(join(cache, `${key}.${name}`), { recursive: true });
    await unpacked();
    const left = (await readdir(cache)).filter((name) => name.startsWith(key));
    expect(left.sort()).toEqual([running, far].map((name) => `${key}.${name}`).sort());
  });

  test("tells progress over all pieces, to the end", async () => {
    await writeFile(join(dir, "more.tar"), makeTar([{ name: "more.txt", content: "x" }]));
    const told: number[] = [];
    const onProgress = ({ loaded, total }: { loaded: number; total: number }): void => void told.push(loaded / total);
    await unpackedFolder([archive(), join(dir, "more.tar")], { cache, onProgress });
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(told.at(-1)).toBe(1);
  });
});
