import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readTensors } from "../../../worker/checkpoint/read-tensors.ts";
import { toFloat32 } from "../../../worker/checkpoint/safetensors.ts";
import { Call, Named, PickleReader } from "../../../worker/checkpoint/torch/read-pickle.ts";
import { VisionError } from "../../../worker/contract/errors.ts";
import { elementCount } from "../../../worker/contract/host-tensor.ts";
import { goldenFile } from "../../setup/golden.ts";

const golden = async (name: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array((await goldenFile(`file-kinds/${name}`))!);

const FILES = ["model.npz", "training.pth", "legacy.pth", "dtypes.pth"];

/** The same bytes with `from`, wherever it stands, become `to`. */
function replaced(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const text = Buffer.from(bytes).toString("latin1").replaceAll(from, to);
  return new Uint8Array(Buffer.from(text, "latin1"));
}

test("tensors of every type, shape and order of PyTorch's have its values", async () => {
  const tensors = readTensors(await golden("dtypes.pth"), "dtypes.pth");
  const json = new TextDecoder().decode(await golden("dtypes.json"));
  const expected = JSON.parse(json) as Record<string, { shape: number[]; values: number[] }>;
  expect([...tensors.keys()]).toEqual(Object.keys(expected));
  for (const [name, { shape, values }] of Object.entries(expected)) {
    const tensor = tensors.get(name)!;
    expect({ shape: tensor.shape, values: [...toFloat32(tensor)] }, name).toEqual({ shape, values });
  }
});

test("of what a training run leaves, the model is read, and nothing else", async () => {
  const [run, old] = await Promise.all(["training.pth", "legacy.pth"].map(golden));
  expect([...readTensors(run!, "").keys()]).toEqual([...readTensors(old!, "").keys()]);
});

test("what lies row by row in the file is not copied", async () => {
  const file = await golden("model.npz");
  for (const { bytes } of readTensors(file, "").values()) expect(bytes.buffer).toBe(file.buffer);
});

test("a pickle's calls are written down, not made", () => {
  const bytes = Buffer.from("\x80\x02cposix\nsystem\nX\x02\x00\x00\x00ls\x85R.", "latin1");
  expect(new PickleReader(bytes, "").read()).toEqual(new Call(new Named("posix system"), ["ls"]));
});

describe("refused by name", () => {
  test.each([
    ["Fortran's order", "model.npz", "'fortran_order': False", "'fortran_order': True ", /Fortran/],
    ["big-endian numbers", "model.npz", "'<f4'", "'>f4'", />f4/],
    ["a shape that is too large", "model.npz", "(1, 1, 32)", "(1, 9, 32)", /cls\.npy.*wants 1152 bytes, got 128/],
    ["an array that is none", "model.npz", "\x93NUMPY", "\x93NUMPI", /array of NumPy's/],
    ["other files", "model.npz", ".npy", ".txt", /archive of NumPy's or PyTorch's/],
    [
      "a dictionary without tensors",
      "training.pth",
      "_rebuild_tensor_v2",
      "_rebuild_tensor_v9",
      /model\.state_dict\(\)/,
    ],
    ["numbers of an unknown type", "legacy.pth", "FloatStorage", "FloatStorags", /its numbers|ends early/],
  ])("%s", async (_, file, from, to, message) => {
    const bytes = replaced(await golden(file), from, to);
    expect(() => readTensors(bytes, file)).toThrow(
      expect.objectContaining({ code: "weights-malformed", message: expect.stringMatching(message) }),
    );
  });

  test("a compressed array", async () => {
    const file = await golden("model.npz");
    const entry = Buffer.from(file).indexOf("PK\x01\x02");
    file[entry + 10] = 8; // "deflated"
    expect(() => readTensors(file, "model.npz")).toThrow(/cls\.npy: wanted it stored, got it compressed/);
  });

  test("a whole module", () => {
    const bytes = Buffer.from("\x80\x02cmodels\nViT\n)\x81.", "latin1");
    const legacy = Buffer.concat([
      Buffer.from("\x80\x02N.\x80\x02N.\x80\x02N.", "latin1"),
      bytes,
      Buffer.from("\x80\x02].", "latin1"),
    ]);
    expect(() => readTensors(legacy, "whole.pth")).toThrow(/a whole models ViT; save model\.state_dict\(\)/);
  });
});

/** What reading gives of bytes that may be anything: the tensors' sizes, or the error's name. */
function outcome(bytes: Uint8Array): string {
  try {
    const tensors = [...readTensors(bytes, "").values()];
    for (const tensor of tensors.filter(({ shape }) => elementCount(shape) < 1e6)) toFloat32(tensor);
    return "read";
  } catch (error) {
    if (error instanceof VisionError) return error.code;
    throw error;
  }
}

describe.each(FILES)("%s", (name) => {
  test("cut short anywhere is an error with a code", async () => {
    const file = await golden(name);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: file.length - 1 }), (length) => {
        expect(outcome(file.subarray(0, length))).toMatch(/^(weights-malformed|safetensors-)/);
      }),
    );
  });

  test("damaged anywhere is read or is an error with a code", async () => {
    const file = await golden(name);
    const damage = fc.array(fc.tuple(fc.integer({ min: 0, max: file.length - 1 }), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(damage, (changes) => {
        const damaged = file.slice();
        for (const [at, byte] of changes) damaged[at] = byte;
        outcome(damaged);
      }),
      { numRuns: 2000 },
    );
  });
});
