import fc from "fast-check";
import { expect, test } from "vitest";
import { ArrivingWeights, type Until } from "../../../worker/checkpoint/arriving-weights.ts";
import { readSafetensors, writeSafetensors } from "../../../worker/checkpoint/safetensors.ts";
import type { HostTensor, HostTensors } from "../../../worker/contract/host-tensor.ts";
import { expectRefusal } from "./code-of.ts";

const tensor = (length: number): HostTensor => ({
  dtype: "U8",
  shape: [length],
  bytes: Uint8Array.from({ length }, (_, at) => (at * 7 + length) % 251),
});

const sizes = fc.array(fc.nat({ max: 300 }), { minLength: 1, maxLength: 8 });
const fileOf = (lengths: readonly number[]): Uint8Array<ArrayBuffer> =>
  writeSafetensors(new Map(lengths.map((length, at) => [`t${at}`, tensor(length)])));

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A file on its way, and what is opened of it. */
function send(bytes: Uint8Array<ArrayBuffer>, at = 0) {
  const memory = new Uint8Array(at + bytes.length);
  const file = memory.subarray(at);
  let opened = null as HostTensors | null;
  let until: Until = () => Promise.reject(new Error("not yet"));
  const arriving = new ArrivingWeights(
    "w.safetensors",
    (tensors) => tensors,
    (tensors, told) => {
      opened = tensors;
      until = told;
    },
  );
  const come = (arrived: number): void => {
    file.set(bytes.subarray(0, arrived));
    arriving.onArrived(file, arrived);
  };
  return { arriving, file, come, opened: () => opened, until: (tensors: HostTensor[]) => until(tensors) };
}

test("tensors are there with their last byte, and not before, and hold what the file holds", async () => {
  const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(sizes, cuts, fc.nat({ max: 9 }), async (lengths, shares, offset) => {
      const bytes = fileOf(lengths);
      const wanted = readSafetensors(bytes);
      const sent = send(bytes, offset);
      const there = new Set<string>();
      for (const arrived of [...shares.map((share) => Math.floor(share * bytes.length)), bytes.length].sort(
        (a, b) => a - b,
      )) {
        const first = sent.opened() === null;
        sent.come(arrived);
        if (first && sent.opened()) {
          for (const [name, of] of sent.opened()!) void sent.until([of]).then(() => there.add(name));
        }
        await turn();
        for (const [name, { bytes: of }] of wanted) {
          expect(there.has(name)).toBe(sent.opened() !== null && of.byteOffset + of.length <= arrived);
          if (there.has(name)) expect(sent.opened()!.get(name)!.bytes).toEqual(of);
        }
      }
      expect(sent.arriving.end(sent.file)).toEqual(wanted);
    }),
  );
});

test("several are there with the last of them, whatever their order", async () => {
  const sent = send(fileOf([10, 20, 30]));
  sent.come(sent.file.length - 31);
  const [a, b, c] = [...sent.opened()!.values()] as [HostTensor, HostTensor, HostTensor];
  let told = false;
  const waiting = sent.until([b, a]).then(() => (told = true));
  await turn();
  expect(told).toBe(false);
  sent.come(sent.file.length - 30);
  await waiting;
  await expect(sent.until([])).resolves.toBeUndefined();
  const failing = sent.until([a, c]);
  sent.arriving.fail(new Error("cut"));
  await expect(failing).rejects.toThrow("cut");
  await expect(sent.until([a])).rejects.toThrow("cut"); // what comes of it is not to be used
});

test("what was waited for does not come where the file is begun anew", async () => {
  const bytes = fileOf([10, 2000]);
  const sent = send(bytes);
  sent.come(bytes.length - 1);
  const waiting = sent.until([...sent.opened()!.values()]);
  const anew = bytes.slice();
  sent.arriving.onArrived(anew, 5);
  await expect(waiting).rejects.toThrow("begun anew");
  expect(sent.arriving.end(anew)).toBeNull();
});

test("a file that came in other memory at last was not opened before", () => {
  const bytes = fileOf([10]);
  const sent = send(bytes);
  sent.come(bytes.length);
  expect(sent.arriving.end(bytes)).toBeNull();
  expect(send(bytes).arriving.end(bytes)).toBeNull();
});

test("one longer than it was told to be is opened when it is whole", () => {
  const bytes = fileOf([2000, 3000]);
  const sent = send(bytes);
  for (const arrived of [bytes.length - 4500, bytes.length - 4000, bytes.length - 1000]) {
    sent.arriving.onArrived(bytes.subarray(0, bytes.length - 1000), arrived);
  }
  expect(sent.opened()).toBeNull();
  expect(sent.arriving.end(bytes)).toBeNull();
});

test("a header that is at fault is told of as soon as it is there", async () => {
  const bytes = fileOf([100, 0, 0, 0, 0, 200]);
  bytes[bytes.length - 301] = "x".charCodeAt(0); // the header's last byte
  const sent = send(bytes);
  sent.come(8);
  await expectRefusal(async () => sent.come(bytes.length - 300), "safetensors-header");
});
