import { describe, expect, test } from "vitest";
import { countClasses, nameClasses, readLabelTable } from "../../../../worker/checkpoint/config/labels.ts";
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
  expect(nameClasses(labels, 5)).toEqual(["cat", "class 1", "<b>dog</b><script>", "", "class 4"]);
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
