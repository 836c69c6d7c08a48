import { expect, test } from "vitest";
import { takeInFiles, takeInForClass, takeInTransfer } from "../../../../src/app/intake/take-in.ts";
import { settle } from "../fake-vision.ts";
import { createApp } from "../start-app.ts";

const inFolder = (name: string) => ({ file: new File(["x"], name), fromFolder: true });

test("what a folder held beside its photos is told to everybody, until the next photos come", () => {
  const app = createApp();
  takeInFiles(app, ["a.jpg", "a.jpg.json", "notes.txt"].map(inFolder));
  expect(app.photos.list.value).toHaveLength(1);
  expect(app.models.failure.value).toBeNull();
  expect(app.intakeNote.value).toBe("2 files in the folder skipped: not pictures.");
  expect(app.announcement.value.text).toBe(app.intakeNote.value);
  app.photos.add([{ name: "b.jpg", content: new Blob() }]);
  expect(app.intakeNote.value).toBe("");
});

test("a .json that somebody picked is opened where it holds classes, and else told to be no picture", async () => {
  const app = createApp();
  const opened: string[] = [];
  const watched = { ...app, teaching: { ...app.teaching, open: async ({ name }: File) => void opened.push(name) } };
  const classes = JSON.stringify({ labels: ["cat", "dog"], weight: [[1], [2]], bias: [0, 0] });
  const files = [new File([classes], "mine.json"), new File(["{}"], "lemon.jpg.json"), new File(["x"], "lemon.jpg")];
  takeInFiles(
    watched,
    files.map((file) => ({ file, fromFolder: false })),
  );
  await settle();
  expect(opened).toEqual(["mine.json"]);
  expect(app.photos.list.value.map(({ name }) => name).sort()).toEqual(["lemon.jpg", "lemon.jpg.json"]);
  expect(app.models.loading.value).toBeNull();
});

test("a folder that cannot be read is told to everybody", async () => {
  const app = createApp();
  const entry = { isDirectory: true, createReader: () => ({ readEntries: (_: unknown, fail: () => void) => fail() }) };
  const item = { kind: "file", getAsFile: () => null, webkitGetAsEntry: () => entry };
  const transfer = { items: [item], types: ["Files"], getData: () => "" } as unknown as DataTransfer;
  expect(takeInTransfer(app, transfer)).toBe(true);
  await settle();
  expect(app.intakeNote.value).toBe("Some of these files could not be read.");
  expect(app.announcement.value.text).toBe(app.intakeNote.value);
});

test("what is dropped on a class is added to it, and is no photo", async () => {
  const app = createApp();
  const given = ["a.jpg", "weights.safetensors", "b.png"].map((name) => new File(["x"], name));
  const items = given.map((file) => ({ kind: "file", getAsFile: () => file, webkitGetAsEntry: () => null }));
  takeInForClass(app, 2, { items, types: ["Files"] } as unknown as DataTransfer);
  await settle();
  expect(app.teaching.classes.value[1]?.pictures.map(({ file }) => file.name)).toEqual(["a.jpg", "b.png"]);
  expect(app.photos.list.value).toEqual([]);
  expect(app.models.failure.value).toBeNull();
  expect(app.intakeNote.value).toBe("1 file left out: not pictures.");
});
