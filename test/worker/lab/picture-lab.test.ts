import { readFile } from "node:fs/promises";
import { memory } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { nodeBackends } from "../../../src/node/backends.ts";
import { decodeWithSharp } from "../../../src/node/decode.ts";
import { noStore } from "../../../worker/checkpoint/sources/model-store.ts";
import type { LabPicture } from "../../../worker/contract/lab.ts";
import { PictureLab } from "../../../worker/runtime/lab/picture-lab.ts";
import type { Decode } from "../../../worker/runtime/read-images.ts";

const MODELS = "http://models.test/models/";

const pause = (): Promise<void> => Promise.resolve();

beforeAll(async () => {
  await nodeBackends[0]!.start(() => undefined);
});

/** The embedded models as the site serves them, while `online` says so. */
const serve =
  (online: () => boolean): typeof fetch =>
  async (input) => {
    const url = input instanceof Request ? input.url : String(input);
    const path = new URL(`../../../public/models/${url.slice(MODELS.length)}`, import.meta.url);
    const bytes = online() ? await readFile(path).catch(() => null) : null;
    return new Response(bytes && new Uint8Array(bytes), { status: bytes ? 200 : 404 });
  };

const decode: Decode = async (image) => decodeWithSharp(new Uint8Array(await (image as Blob).arrayBuffer()));

type Given = { readonly online?: () => boolean; readonly decoded?: Decode };

const openLab = ({ online = () => true, decoded = decode }: Given = {}): PictureLab =>
  new PictureLab({ models: MODELS, store: noStore, fetch: serve(online), retryDelays: [] }, decoded);

const lemon = async (id = 1): Promise<LabPicture> => {
  const bytes = await readFile(new URL("../../../public/examples/lemon.jpg", import.meta.url));
  return { id, content: new Blob([new Uint8Array(bytes)]) };
};

describe("the embedded models on an example picture", () => {
  test("heads: rows sum to 1, the mean is the mean, and the answers are told by their labels", async () => {
    const { heads, mean, answers, seen, grid, prefixTokens } = await openLab().showHeads(await lemon(), 3, pause);
    expect(seen.source).toEqual({ width: 640, height: 480 });
    const tokens = prefixTokens + grid.width * grid.height;
    for (const { weights } of heads) {
      expect(weights).toHaveLength(tokens ** 2);
      const row = weights.subarray(tokens, 2 * tokens).reduce((sum, weight) => sum + weight, 0);
      expect(row).toBeCloseTo(1, 4);
    }
    const cell = 5 * tokens + 9;
    const average = heads.reduce((sum, { weights }) => sum + weights[cell]!, 0) / heads.length;
    expect(mean.weights[cell]).toBeCloseTo(average, 6);
    expect(answers.trained.label).toBe("lemon");
    expect(answers.trained.first).toBe(answers.trained.score);
    expect(answers.oneMapEverywhere.first).toBeLessThanOrEqual(answers.oneMapEverywhere.score);
  });

  test("a token and the map of the CNN are told with what the model saw", async () => {
    const lab = openLab();
    const { steps, seen } = await lab.followToken(await lemon(), 0, 1, pause);
    expect(steps[0]).toMatchObject({ name: "pixels", norm: expect.any(Number) as number });
    expect(seen.crop).toEqual({ left: 16, top: 0, width: 96, height: 96 }); // of 128 × 96
    const shown = await lab.showMapAttention(await lemon(), 0, pause);
    expect(shown).toMatchObject({ gamma: 0, grid: { width: 18, height: 18 }, seen: { source: { width: 640 } } });
    expect(shown.weights).toHaveLength(324 ** 2);
  });
});

test("a picture is decoded once for each model, and another one anew; only the models stay on the device", async () => {
  let decoded = 0;
  const lab = openLab({
    decoded: (image) => {
      decoded += 1;
      return decode(image);
    },
  });
  await lab.followToken(await lemon(1), 0, 1, pause);
  const after = memory().numTensors;
  await lab.followToken(await lemon(1), 1, 2, pause);
  await lab.showHeads(await lemon(1), 1, pause);
  expect(decoded).toBe(1);
  await lab.followToken(await lemon(2), 0, 1, pause);
  expect(decoded).toBe(2);
  expect(memory().numTensors).toBe(after);
});

test("what is no picture, and a model that is not there, are told by code; the next question tries again", async () => {
  let online = false;
  const lab = openLab({ online: () => online });
  await expect(lab.followToken(await lemon(), 0, 1, pause)).rejects.toMatchObject({ code: "source-not-found" });
  online = true;
  const broken = { id: 2, content: new Blob(["no picture"]) };
  await expect(lab.followToken(broken, 0, 1, pause)).rejects.toMatchObject({ code: "image-unknown-format" });
  await expect(lab.followToken(await lemon(3), 0, 1, pause)).resolves.toBeDefined();
});
