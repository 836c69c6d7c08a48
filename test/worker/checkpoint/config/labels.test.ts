import { describe, expect, test } from "vitest";
import { countClasses, nameClasses, readLabelTable } from "../../../../worker/checkpoint/config/labels.ts";
import { openModelFolder } from "../../../../src/node/model-folder.ts";
import { inspectModel } from "../../../../worker/checkpoint/inspect-model.ts";
import { openModel } from "../../../../worker/checkpoint/open-model.ts";
import { writeSafetensors } from "../../../../worker/checkpoint/safetensors.ts";
import { expectRefusal } from "../code-of.ts";
import { memoryFolder, readSchemes, schemeTensors } from "../scheme-folder.ts";

const declared = (table: Record<number, string>, classes: number | null = null) => ({
  byIndex: readLabelTable(table, "config.json"),
  classes,
});

describe("how many classes", () => {
  const gaps = declared({ 0: "a", 2: "c", 5: "f" });
  test.each([
    ["a stated number binds", declared({ 0: "a" }, 7), 3, 7],
    ["ids without gaps bind", declared({ 0: "a", 1: "b" }), 3, 2],
    ["ids in another order are without gaps too", declared({ 1: "b", 0: "a" }), 2, 2],
    ["no names: the head decides", declared({}), 9, 9],
    ["no names and no head", declared({}), null, 0],
    ["gaps: a head with a row for every id", gaps, 6, 6],
    ["gaps: a head with as many rows as names", gaps, 3, 3],
    ["gaps: a head with more rows", gaps, 10, 10],
    ["gaps: a head that fits neither is to be refused", gaps, 4, 6],
    ["gaps and no head", gaps, null, 6],
  ])("%s", (_, labels, rows, wanted) => {
    expect(countClasses(labels, rows)).toBe(wanted);
  });
});

test("classes without a name are numbered; markup stays text", () => {
  const labels = declared({ 0: "cat", 2: "<b>dog</b><script>", 3: "" });
  const named = ["cat", "class 1", "<b>dog</b><script>", "", "class 4"];
  expect(nameClasses(labels, 5, ["a", "b", "c", "d", "e"])).toEqual({ labels: named, labelsAssumed: false });
});

describe("where the files name no class", () => {
  const list = { labels: Array.from({ length: 1000 }, (_, at) => `thing ${at}`) };
  const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

  /** A checkpoint in timm's names with so many classes, and what was asked for beside it. */
  async function unnamed(
    classes: number,
    config: object | undefined,
    shared: () => Promise<Uint8Array<ArrayBuffer> | null>,
  ) {
    const { timm } = await readSchemes();
    const tensors = await schemeTensors(timm);
    tensors.set("head.weight", { dtype: "F16", shape: [classes, 32], bytes: new Uint8Array(classes * 64) });
    tensors.set("head.bias", { dtype: "F16", shape: [classes], bytes: new Uint8Array(classes * 2) });
    const folder = memoryFolder({ "config.json": config, "model.safetensors": writeSafetensors(tensors) });
    const asked: string[] = [];
    const readShared = (path: string) => (asked.push(path), shared());
    return { folder: { ...folder, readShared }, asked };
  }

  test("1,000 of them are taken to be ImageNet's, and it is said", async () => {
    const { folder, asked } = await unnamed(1000, { num_attention_heads: 4 }, async () => bytesOf(list));
    expect(await openModel(folder)).toMatchObject({ labels: list.labels, labelsAssumed: true, recipeAssumed: true });
    expect(asked).toEqual(["imagenet-1k.json"]);
    const { labels, notes } = await inspectModel(folder);
    expect(labels).toEqual(list.labels);
    expect(notes).toContainEqual(expect.stringContaining("ImageNet-1k"));
  });

  test.each([
    ["as many others", 7, { num_attention_heads: 4 }, 1],
    ["a config that says how many", 7, { num_attention_heads: 4, num_labels: 7 }, 0],
    ["a config that names one of them", 1000, { num_attention_heads: 4, num_labels: 1000, id2label: { 0: "cat" } }, 0],
  ])("%s are numbered", async (_, classes, config, times) => {
    const { folder, asked } = await unnamed(classes, config, async () => bytesOf(list));
    const { labels, labelsAssumed } = await openModel(folder);
    expect([labels[5], labels.length, labelsAssumed]).toEqual(["class 5", classes, false]);
    expect(asked).toHaveLength(times);
  });

  test.each([
    ["is not there", async () => null],
    ["cannot be fetched", () => Promise.reject(new Error("offline"))],
    ["is a page", async () => new TextEncoder().encode("<html>")],
    ["is too short", async () => bytesOf({ labels: ["one"] })],
  ])("and the list %s, they are numbered", async (_, shared) => {
    const { folder } = await unnamed(1000, { num_attention_heads: 4 }, shared);
    expect((await openModel(folder)).labels.slice(0, 2)).toEqual(["class 0", "class 1"]);
  });

  test("the list that is served names 1,000", async () => {
    const folder = await openModelFolder("everyday-vit");
    const bytes = await folder.readShared!("imagenet-1k.json");
    const { labels } = JSON.parse(new TextDecoder().decode(bytes!)) as { labels: string[] };
    expect([labels.length, labels[0], labels[281], labels[999]]).toEqual([
      1000,
      "tench, Tinca tinca",
      "tabby, tabby cat",
      "toilet tissue, toilet paper, bathroom tissue",
    ]);
  });
});

async function headed(rows: number, config: object) {
  const { hf4 } = await readSchemes();
  const tensors = await schemeTensors(hf4);
  tensors.set("classifier.weight", { dtype: "F16", shape: [rows, 32], bytes: new Uint8Array(rows * 64) });
  tensors.set("classifier.bias", { dtype: "F16", shape: [rows], bytes: new Uint8Array(rows * 2) });
  const files = { "config.json": { ...hf4.config, ...config }, "model.safetensors": writeSafetensors(tensors) };
  return openModel(memoryFolder(files));
}

describe("with a model", () => {
  test("12,000 labels", async () => {
    const id2label = Object.fromEntries(Array.from({ length: 12_000 }, (_, id) => [id, `thing ${id}`]));
    const { labels } = await headed(12_000, { id2label });
    expect(labels).toHaveLength(12_000);
    expect(labels[11_999]).toBe("thing 11999");
  });

  test("ids that skip numbers", async () => {
    const id2label = { 0: "a", 7: "h" };
    expect((await headed(8, { id2label })).labels[7]).toBe("h");
    expect((await headed(2, { id2label })).labels).toEqual(["a", "class 1"]);
    await expectRefusal(() => headed(5, { id2label }), "checkpoint-shape-mismatch", "expected [8, 32], got [5, 32]");
  });

  test("an id of a thousand million takes no memory", async () => {
    const id2label = { 0: "a", 999_999_999: "z" };
    await expectRefusal(() => headed(5, { id2label }), "checkpoint-shape-mismatch", "expected [1000000000, 32]");
  });

  test("more names than rows, and a stated number that differs", async () => {
    const id2label = { 0: "a", 1: "b", 2: "c" };
    await expectRefusal(() => headed(2, { id2label }), "checkpoint-shape-mismatch", "expected [3, 32], got [2, 32]");
    await expectRefusal(() => headed(3, { id2label, num_labels: 4 }), "checkpoint-shape-mismatch", "expected [4, 32]");
  });

  test("no names at all", async () => {
    expect((await headed(3, { id2label: undefined })).labels).toEqual(["class 0", "class 1", "class 2"]);
  });
});
