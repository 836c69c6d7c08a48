import { describe, expect, test } from "vitest";
import { readLabelGroups } from "../../../../worker/checkpoint/config/label-groups.ts";
import { inspectModel } from "../../../../worker/checkpoint/inspect-model.ts";
import { openModel } from "../../../../worker/checkpoint/open-model.ts";
import { attentionCnnFiles } from "../attention-cnn-folder.ts";
import { expectRefusal } from "../code-of.ts";
import { memoryFolder, schemeFolder } from "../scheme-folder.ts";

const LABELS = ["lobster", "crane", "spiny lobster", "crane", "7", "frog"];

const read = (label_groups: unknown) => readLabelGroups({ label_groups }, LABELS);

test.each([
  ["names", [["lobster", "spiny lobster"]], [[0, 2]]],
  ["indices, where others bear the name", [[3, "lobster"], [1, 5]], [[3, 0], [1, 5]]], // prettier-ignore
  ["a name of digits is no index", [["7", 0]], [[4, 0]]],
  ["groups of three", [["frog", "lobster", "7"]], [[5, 0, 4]]],
  ["none", [], []],
  ["null, as Python writes what is not set", null, []],
])("%s", (_, groups, indices) => expect(read(groups)).toEqual(indices));

test.each([null, {}, { model_type: "vit" }, [["lobster", "frog"]]])("a config without the field: %j", (config) =>
  expect(readLabelGroups(config, LABELS)).toEqual([]),
);

describe("is refused", () => {
  test.each([
    ["a name that no class bears", [["lobster", "crab"]], "some of the model's 6 classes", '"crab"'],
    ["an index behind the last", [[0, 6]], "some of the model's 6 classes", "got 6"],
    ["a class in two groups", [["lobster", "frog"], ["frog", "7"]], "each class once", '"frog"'], // prettier-ignore
    ["a class twice in a group", [["lobster", 0]], "each class once", "got 0"],
    ["a name that two classes bear", [["lobster", "crane"]], "an index in place of a name", '"crane"'],
    ["a group of one", [["lobster"]], "two classes or more", '["lobster"]'],
    ["what is no index", [[0, 1.5]], "0.1: wanted a whole number", "1.5"],
    ["what is neither name nor index", [[0, true]], "0.1: wanted the name or index of a class", "true"],
    ["a flat list", ["lobster", "frog"], "a list of classes", '"lobster"'],
    ["an object", { lobster: "frog" }, "a list of groups", '{"lobster":"frog"}'],
  ])("%s", (_, groups, wanted, got) =>
    expectRefusal(() => read(groups), "config-malformed", "config.json: label_groups", wanted, got),
  );
});

const withGroups = async (label_groups: unknown) => {
  const files = await attentionCnnFiles("scaled");
  return memoryFolder({ ...files, "config.json": { ...files["config.json"], label_groups } });
};

describe("with a model", () => {
  test("are opened and inspected alike; classes without a name have the one they are shown by", async () => {
    const folder = await withGroups([["class 4", 1]]);
    expect((await openModel(folder)).labelGroups).toEqual([[4, 1]]);
    expect(await inspectModel(folder)).toMatchObject({ labelGroups: [[4, 1]], problems: [] });
    expect((await openModel(await schemeFolder("hf4"))).labelGroups).toEqual([]);
  });

  test("that does not have the class", async () => {
    const folder = await withGroups([["class 4", "class 5"]]);
    await expectRefusal(() => openModel(folder), "config-malformed", "label_groups", '"class 5"');
    const { problems, labelGroups, labels } = await inspectModel(folder);
    expect([problems.map(({ code }) => code), labelGroups, labels.length]).toEqual([["config-malformed"], [], 5]);
  });
});
