import { memory } from "@tensorflow/tfjs-core";
import { afterEach, describe, expect, test } from "vitest";
import { nodeBackends } from "../../../src/node/backends.ts";
import { openAnyModel } from "../../../worker/checkpoint/open-model.ts";
import { withHead } from "../../../worker/checkpoint/with-head.ts";
import type { BackendName } from "../../../worker/contract/api.ts";
import { VisionError } from "../../../worker/contract/errors.ts";
import type { Head } from "../../../worker/contract/head.ts";
import type { ModelFolder } from "../../../worker/contract/model-folder.ts";
import type { RgbImage } from "../../../worker/contract/pixels.ts";
import { Session, type Host } from "../../../worker/runtime/session.ts";
import { goldenFolder } from "../../setup/golden.ts";
import { schemeFolder } from "../checkpoint/scheme-folder.ts";
import { attentionCnnFolder } from "../checkpoint/write/writable.ts";

const host: Host = {
  drivers: nodeBackends,
  decode: (image) =>
    typeof image === "object" && "data" in image
      ? Promise.resolve(image)
      : Promise.reject(new VisionError("image-corrupt", "not a picture")),
};

/** Of one colour, a little brighter each time. */
const picture = (colour: readonly number[], at = 0): RgbImage => ({
  width: 32,
  height: 32,
  data: Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => colour[i % 3]! + 3 * at + ((i >> 4) % 5)),
});

const COLOURS = { red: [200, 20, 20], green: [20, 190, 30], blue: [10, 30, 210] } as const;
const labels = Object.keys(COLOURS);
const pictures = Object.values(COLOURS).flatMap((colour) => [0, 1, 2, 3].map((at) => picture(colour, at)));
const classOf = pictures.map((_, at) => Math.floor(at / 4));

let session: Session | null = null;
const start = async (backend: BackendName = "wasm"): Promise<Session> =>
  (session = await Session.start(host, backend, () => undefined));
afterEach(() => session?.dispose());

const loadWith = (running: Session, id: number, folder: ModelFolder, head: Head) =>
  running.load(id, folder, {}, async (options) => withHead(await openAnyModel(folder, options), head));

const MODELS: [string, () => ModelFolder | Promise<ModelFolder>][] = [
  ["a ViT", () => goldenFolder("vit-hf")],
  ["a bare backbone with a pooler", () => schemeFolder("hf4-bare")],
  ["a DeiT with two heads", () => schemeFolder("deit4")],
  ["a ViT that pools before its norm", () => schemeFolder("timm-fc-norm")],
  ["a DINOv2 whose head reads patches", () => goldenFolder("dinov2/registers-classifier")],
  ["an attention CNN", () => attentionCnnFolder("scaled")],
];

describe.each(MODELS)("%s", (_, source) => {
  test.each(["wasm", "cpu"] as const)("is taught three colours, on %s", async (backend) => {
    const running = await start(backend);
    const folder = await source();
    await running.load(1, folder);
    const before = memory().numTensors;
    const head = await running.teach(pictures, { model: 1, labels, classOf });
    expect(memory().numTensors).toBe(before);
    expect(head).toMatchObject({ labels, rightWhenHeldAside: 1 });
    const info = await loadWith(running, 2, folder, JSON.parse(JSON.stringify(head)) as Head);
    expect(info).toMatchObject({ labels, labelsAssumed: false, labelGroups: [], scoring: "softmax", pooler: false });
    const unseen = Object.values(COLOURS).map((colour) => picture(colour, 5));
    const answers = await running.classify(unseen, { model: 2, topK: 3 });
    expect(answers.map(({ predictions }) => predictions[0]!.label)).toEqual(labels);
    const rows = await running.embed(unseen, { model: 2 });
    expect(rows).toEqual(await running.embed(unseen, { model: 1 }));
    for (const [at, { predictions }] of answers.entries()) {
      const logits = head.weight.map((w, label) => w.reduce((sum, x, d) => sum + x * rows[at]![d]!, head.bias[label]!));
      const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
      for (const { index, score } of predictions) expect(score).toBeCloseTo(Math.exp(logits[index]!) / total, 4);
    }
    const map = await running.explain(unseen[0]!, { model: 2, method: "grad-cam", target: 2 });
    expect(map.values.every(Number.isFinite)).toBe(true);
  });
});

describe("is refused", () => {
  const refusal = (code: string, message: RegExp) => ({ code, message: expect.stringMatching(message) as string });

  test("a lesson that teaches nothing", async () => {
    const running = await start();
    await running.load(1, goldenFolder("vit-hf"));
    const teach = (names: string[], of: number[]) => running.teach(pictures, { model: 1, labels: names, classOf: of });
    const all = pictures.map(() => 0);
    await expect(teach(["red"], all)).rejects.toMatchObject(refusal("invalid-argument", /two or more.*got 1/));
    await expect(teach(["red", "green"], all)).rejects.toMatchObject(refusal("invalid-argument", /^green: wanted one/));
    await expect(teach(labels, [0, 1, 2])).rejects.toMatchObject(refusal("invalid-argument", /each of 12 pictures/));
  });

  test("a head that does not fit", async () => {
    const running = await start();
    const vit = goldenFolder("vit-hf");
    const narrow: Head = { labels: ["a", "b"], weight: [[1], [2]], bias: [0, 0] };
    await expect(loadWith(running, 1, vit, narrow)).rejects.toMatchObject(
      refusal("invalid-argument", /weight: .*got 2/),
    );
    const odd: Head = { labels: ["a"], weight: [Array<number>(48).fill(0)], bias: [NaN] };
    await expect(loadWith(running, 1, vit, odd)).rejects.toMatchObject(refusal("invalid-argument", /head: /));
    const captioner = goldenFolder("captioner-folders/recurrent");
    await expect(loadWith(running, 1, captioner, odd)).rejects.toMatchObject(refusal("model-has-no-head", /captioner/));
  });

  test("teaching that is called off", async () => {
    const running = await start();
    await running.load(1, goldenFolder("vit-hf"));
    const stop = new AbortController();
    const teaching = running.teach(
      pictures,
      { model: 1, labels, classOf },
      { signal: stop.signal, onProgress: () => stop.abort() },
    );
    await expect(teaching).rejects.toMatchObject({ name: "AbortError" });
  });
});
