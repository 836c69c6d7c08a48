import fc from "fast-check";
import { expect, test } from "vitest";
import { sortFiles, type IntakeFile } from "../../../../src/app/intake/sort-files.ts";

const given = (name: string, fromFolder: boolean, type = ""): IntakeFile => ({
  file: new File(["x"], name, { type }),
  fromFolder,
});
const names = (files: readonly File[]): string[] => files.map(({ name }) => name);

test("model files and photos dropped together go their own ways", () => {
  const { model, photos, skipped } = sortFiles(
    ["config.json", "cat.jpg", "model.safetensors", "notes.txt"].map((name) => given(name, false)),
  );
  expect(names(model)).toEqual(["config.json", "model.safetensors"]);
  expect(names(photos)).toEqual(["cat.jpg", "notes.txt"]); // picked by hand: its card tells what is wrong
  expect(skipped).toBe(0);
});

test("a folder gives its pictures, whatever their case, and counts the rest", () => {
  const sorted = sortFiles([
    given("A.JPG", true),
    given("scan", true, "image/png"),
    given("Thumbs.db", true),
    given(".DS_Store", true),
  ]);
  expect(names(sorted.photos)).toEqual(["A.JPG", "scan"]);
  expect(sorted.skipped).toBe(2);
});

test("a model folder's other files are nothing to complain of", () => {
  const sorted = sortFiles(["config.json", "model.safetensors", "README.md"].map((name) => given(name, true)));
  expect(sorted).toMatchObject({ photos: [], skipped: 0 });
});

test("a photo album with .json files beside its photos is no model", () => {
  const album = ["a.jpg", "a.jpg.json", "metadata.json", "album.bin"].map((name) => given(name, true));
  const sorted = sortFiles([...album, given("model.safetensors", false)]);
  expect(names(sorted.photos)).toEqual(["a.jpg"]);
  expect(names(sorted.model)).toEqual(["model.safetensors"]); // picked by hand
  expect(sorted.skipped).toBe(3);
});

test("a .json that somebody picked is of a model beside weights alone, or as its configuration", () => {
  const sort = (...picked: string[]) => names(sortFiles(picked.map((name) => given(name, false))).model);
  expect(sort("lemon.jpg", "lemon.jpg.json")).toEqual([]);
  expect(sort("classes.json")).toEqual([]);
  expect(sort("config.json", "vocab.json")).toEqual(["config.json", "vocab.json"]); // the weights are missing, and it is said
});

test("a folder with a configuration and weights of any format is a model", () => {
  const sorted = sortFiles(["config.json", "vocab.json", "pytorch_model.bin"].map((name) => given(name, true)));
  expect(names(sorted.model)).toEqual(["config.json", "vocab.json", "pytorch_model.bin"]);
});

test("a dropped folder's model is not mixed with the checkpoints beneath it", () => {
  const at = (path: string): IntakeFile => ({ ...given(path.split("/").at(-1)!, true), path });
  const own = ["/out/config.json", "/out/model.safetensors"].map(at);
  const beneath = ["/out/checkpoint-500/config.json", "/out/checkpoint-500/model.safetensors"].map(at);
  const { model, photos } = sortFiles([...beneath, ...own, given("labels.json", false)]);
  expect(model.slice(0, 2)).toEqual(own.map(({ file }) => file));
  expect(names(model.slice(2))).toEqual(["labels.json"]); // picked by hand
  expect(photos).toEqual([]);
});

test("a captioner's word pieces belong to its model, other texts do not", () => {
  const sorted = sortFiles(["merges.txt", "vocab.json", "model.safetensors", "notes.txt"].map((n) => given(n, false)));
  expect(names(sorted.model)).toEqual(["merges.txt", "vocab.json", "model.safetensors"]);
  expect(names(sorted.photos)).toEqual(["notes.txt"]);
});

test("no file is lost or counted twice", () => {
  const anyName = fc
    .tuple(fc.string(), fc.constantFrom("", ".jpg", ".json", ".txt", ".safetensors"))
    .map(([name, ending]) => (ending === ".json" && name.length < 3 ? "config.json" : name + ending));
  const anyFile = fc.record({ name: anyName, fromFolder: fc.boolean() });
  fc.assert(
    fc.property(fc.array(anyFile), (files) => {
      const { model, photos, skipped } = sortFiles(files.map(({ name, fromFolder }) => given(name, fromFolder)));
      const kept = model.length + photos.length + skipped;
      expect(model.length > 0 ? kept <= files.length : kept === files.length).toBe(true);
    }),
  );
});
