import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CIFAR_10, CIFAR_100, readCifar } from "../../datasets/cifar.ts";
import { cifarRecord, joinRecords } from "./cifar-records.ts";
import { putFiles } from "./put-files.ts";

let dir: string;
beforeEach(async () => (dir = await mkdtemp(join(tmpdir(), "patchlight-cifar-"))));
afterEach(() => rm(dir, { recursive: true }));

const names = { "batches.meta.txt": "airplane\nautomobile\nbird\n\n" };
const plain = (label: number): Uint8Array => cifarRecord([label], () => [0, 0, 0]);

describe("CIFAR-10", () => {
  test("turns planes of colour into pixels, the first byte being the class", async () => {
    const record = cifarRecord([2], (x, y) => [x, y, 100 + x]);
    await putFiles(dir, { ...names, "test_batch.bin": joinRecords(plain(1), record) });
    const { classes, pictures } = await readCifar(dir, "test", CIFAR_10);
    expect(classes).toEqual(["airplane", "automobile", "bird"]);
    expect(pictures.map(({ path, classIndex }) => [path, classIndex])).toEqual([
      [join(dir, "test_batch.bin#0"), 1],
      [join(dir, "test_batch.bin#1"), 2],
    ]);
    const { width, height, data } = pictures[1]!.pixels!();
    expect([width, height, data.length]).toEqual([32, 32, 3072]);
    for (const [x, y] of [
      [0, 0],
      [31, 0],
      [5, 7],
      [31, 31],
    ] as const) {
      expect([...data.subarray((y * 32 + x) * 3, (y * 32 + x) * 3 + 3)]).toEqual([x, y, 100 + x]);
    }
  });

  test("takes the training batches in the order of their numbers", async () => {
    await putFiles(dir, {
      ...names,
      "data_batch_10.bin": plain(2),
      "data_batch_2.bin": plain(1),
      "data_batch_1.bin": plain(0),
      "test_batch.bin": plain(2),
    });
    const { pictures } = await readCifar(dir, "train", CIFAR_10);
    expect(pictures.map(({ classIndex }) => classIndex)).toEqual([0, 1, 2]);
  });

  test("refuses by name a file that ends in mid-record", async () => {
    await putFiles(dir, { ...names, "test_batch.bin": joinRecords(plain(0), plain(1)).slice(0, -1) });
    await expect(readCifar(dir, "test", CIFAR_10)).rejects.toMatchObject({
      code: "source-truncated",
      message: expect.stringMatching(/test_batch\.bin: .*3073.*got 6145/),
    });
  });

  test("names the record whose label has no name", async () => {
    await putFiles(dir, { ...names, "test_batch.bin": joinRecords(plain(2), plain(3)) });
    await expect(readCifar(dir, "test", CIFAR_10)).rejects.toMatchObject({
      code: "config-malformed",
      message: expect.stringMatching(/test_batch\.bin#1: .*below 3.*got 3/),
    });
  });

  test("says which file with class names is missing", async () => {
    await putFiles(dir, { "test_batch.bin": plain(0) });
    await expect(readCifar(dir, "test", CIFAR_10)).rejects.toMatchObject({
      code: "source-not-found",
      message: expect.stringContaining("batches.meta.txt"),
    });
  });
});

test("CIFAR-100's second byte is the fine class", async () => {
  const record = cifarRecord([1, 2], (x) => [x, 0, 255]);
  await putFiles(dir, { "fine_label_names.txt": "apple\r\nbaby\r\nbear\r\n", "test.bin": record });
  const { classes, pictures } = await readCifar(dir, "test", CIFAR_100);
  expect(classes).toEqual(["apple", "baby", "bear"]);
  expect(pictures.map(({ classIndex }) => classIndex)).toEqual([2]);
  expect([...pictures[0]!.pixels!().data.subarray(3 * 9, 3 * 10)]).toEqual([9, 0, 255]);
});
