import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findImages } from "../../../../src/cli/answers/find-images.ts";
import { run } from "../run-command.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "patchlight-find-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function put(...names: string[]): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), "");
  }
}

/** Paths inside the test's folder, links made to what is wanted of them. */
async function found(inner = ""): Promise<string[]> {
  const images = await findImages([join(folder, inner)]);
  return images.map(({ file, error }) => file.slice(folder.length + 1) + (error ? ": failed" : ""));
}

test("takes every kind of picture, sorted, and leaves hidden and other files", async () => {
  await put("b/x.PNG", "a.jfif", "c.jpeg", "c.avif", "._c.jpeg", ".x.jpg", ".hidden/x.jpg", "notes.txt");
  expect(await found()).toEqual(["a.jfif", "b/x.PNG", "c.avif", "c.jpeg"]);
});

test("follows links to pictures and folders", async () => {
  await put("here/a.jpg", "there/b.jpg", "there/deep/c.jpg");
  await symlink(join(folder, "there"), join(folder, "here/linked"));
  await symlink(join(folder, "there/b.jpg"), join(folder, "here/b.jpg"));
  await symlink(join(folder, "nowhere.jpg"), join(folder, "here/gone.jpg")); // reading it will say so
  expect(await found("here")).toEqual([
    "here/a.jpg",
    "here/b.jpg",
    "here/gone.jpg",
    "here/linked/b.jpg",
    "here/linked/deep/c.jpg",
  ]);
});

test("does not go round in loops of links", async () => {
  await put("a/x.jpg", "b/y.jpg");
  await symlink(join(folder, "a"), join(folder, "a/self"));
  await symlink(folder, join(folder, "a/up"));
  await symlink(join(folder, "b"), join(folder, "a/b"));
  await symlink(join(folder, "a"), join(folder, "b/a"));
  await symlink("round.jpg", join(folder, "a/round.jpg"));
  expect(await found()).toEqual(["a/b/y.jpg", "a/round.jpg", "a/x.jpg", "b/a/round.jpg", "b/a/x.jpg", "b/y.jpg"]);
});

test("a folder without a picture is a failed input, and the others go on", async () => {
  await put("notes/readme.txt", "photos/a.jpg");
  await mkdir(join(folder, "empty"));
  const folders = ["empty", "notes", "photos"].map((name) => join(folder, name));
  const { exit, lines } = await run("classify", ...folders, "--model", "test/golden/vit-hf", "--json");
  expect(exit).toBe(1);
  const error = { code: "source-not-found", message: "folder: expected pictures, found none" };
  expect(lines).toMatchObject([
    { file: folders[0], error },
    { file: folders[1], error },
    { file: join(folders[2]!, "a.jpg"), error: { code: "image-empty" } },
  ]);
});
