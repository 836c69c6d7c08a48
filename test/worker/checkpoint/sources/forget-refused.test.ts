import { describe, expect, test } from "vitest";
import { openModel, type OpenedModel } from "../../../../worker/checkpoint/open-model.ts";
import { forgetRefused } from "../../../../worker/checkpoint/sources/forget-refused.ts";
import { noStore, type ModelStore } from "../../../../worker/checkpoint/sources/model-store.ts";
import { resolveSource } from "../../../../worker/checkpoint/sources/resolve-source.ts";
import { abortError, VisionError, type VisionErrorCode } from "../../../../worker/contract/errors.ts";
import { schemeFolder } from "../scheme-folder.ts";
import { memoryStore } from "./memory-store.ts";
import {
  holdAfter,
  inTurn,
  plantServer,
  redirecting,
  serve,
  status,
  type Handler,
  type PlantedServer,
} from "./planted-server.ts";

const HUB = "https://huggingface.co/";
const bytesOf = async (file: string) => (await (await schemeFolder("hf4")).read(file))!;
const config = await bytesOf("config.json");
const weights = await bytesOf("model.safetensors");
const text = (words: string) => new TextEncoder().encode(words);
const LFS = text("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 22883\n");

async function load(server: PlantedServer, store: ModelStore): Promise<OpenedModel> {
  const send = redirecting(HUB, server.url);
  const options = { models: `${server.url}models/`, store, fetch: send, retryDelays: [] };
  const folder = await resolveSource({ kind: "text", text: "hf:o/n" }, options);
  return forgetRefused(store, folder.origin, openModel(folder));
}

/** The same file with its header changed, and filled up with spaces, as the format allows. */
function paddedTo(headerBytes: number, file: Uint8Array, change: (header: string) => string): Uint8Array {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const header = change(new TextDecoder().decode(file.subarray(8, 8 + length)));
  const data = file.subarray(8 + length);
  const padded = new Uint8Array(8 + headerBytes + data.length);
  new DataView(padded.buffer).setBigUint64(0, BigInt(headerBytes), true);
  padded.set(text(header.padEnd(headerBytes)), 8);
  padded.set(data, 8 + headerBytes);
  return padded;
}

const plant = async (files: Record<string, Handler>): Promise<PlantedServer> => {
  const server = await plantServer();
  for (const [file, handler] of Object.entries(files)) server.on(`/o/n/resolve/main/${file}`, handler);
  return server;
};

describe("a hub model that is refused", () => {
  test.each<[VisionErrorCode, string, Uint8Array]>([
    ["source-not-json", "config.json", text("{oops")],
    ["source-not-json", "config.json", text("<!doctype html>")],
    ["config-malformed", "config.json", text(`{"model_type":"vit","hidden_size":"wide"}`)],
    ["config-unsupported", "config.json", text(`{"model_type":"swin"}`)],
    ["safetensors-truncated", "model.safetensors", weights.subarray(0, 10_000)],
    ["source-lfs-pointer", "model.safetensors", LFS],
    ["weights-malformed", "model.safetensors", text("PK\u0003\u0004, and the archive ends here")],
  ])("with %s for %s opens once the server is mended", async (code, file, wrong) => {
    const whole = { "config.json": config, "model.safetensors": weights }[file]!;
    const server = await plant({
      "config.json": serve(config, null),
      "model.safetensors": serve(weights, null),
      [file]: inTurn(serve(wrong, null), serve(whole, null)),
    });
    const store = memoryStore();
    await expect(load(server, store)).rejects.toMatchObject({ code });
    expect(store.files.size).toBe(0);
    expect((await load(server, store)).labels).toHaveLength(5);
    expect([...store.files.values()].filter(({ state }) => state === "whole")).toHaveLength(2);
  });

  test("is not fetched whole, and the part of it that came is not kept", { timeout: 10_000 }, async () => {
    const misfit = paddedTo(1_500_000, weights, (header) => header.replace('"shape":[5]', '"shape":[1,5]')); // a bias
    const held = holdAfter(1_600_000, Buffer.concat([misfit, new Uint8Array(1_000_000)])); // a part worth keeping
    const server = await plant({ "config.json": serve(config), "model.safetensors": held.handler });
    const store = memoryStore();
    await expect(load(server, store)).rejects.toMatchObject({ code: "safetensors-offsets" });
    await held.closed;
    const aligned = holdAfter(1_510_000, misfit);
    server.on("/o/n/resolve/main/model.safetensors", aligned.handler);
    await expect(load(server, store)).rejects.toMatchObject({ code: "checkpoint-shape-mismatch" });
    await aligned.closed;
    await new Promise((resolve) => setTimeout(resolve, 20)); // a part would be put without being waited for
    expect(store.files.size).toBe(0);
  });

  test("for a failing network keeps what had come", async () => {
    const server = await plant({ "config.json": serve(config), "model.safetensors": status(503) });
    const store = memoryStore();
    await expect(load(server, store)).rejects.toMatchObject({ code: "source-network" });
    expect(store.files.get(`${HUB}o/n/resolve/main/config.json`)?.state).toBe("whole");
  });
});

test("a server that answers a page for everything has no model, and no pickle", async () => {
  const server = await plantServer();
  const page = serve(text("<!doctype html><div id=app></div>"), null, "text/html");
  const files = ["config.json", "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "model.pt"];
  for (const file of files) server.on(`/spa/${file}`, page);
  const source = { kind: "text", text: `${server.url}spa/` } as const;
  const folder = await resolveSource(source, { models: `${server.url}models/`, store: noStore });
  const refused = expect(openModel(folder)).rejects;
  await refused.toMatchObject({
    code: "source-not-found",
    message: expect.stringMatching(/Check the name, and that its folder is served\.$/),
  });
});

describe("what the store forgets", () => {
  const forgottenAfter = async (error: Error): Promise<string[]> => {
    const forgotten: string[] = [];
    const store = { ...noStore, forget: async (origin: string) => void forgotten.push(origin) };
    await expect(forgetRefused(store, "there", Promise.reject(error))).rejects.toBe(error);
    return forgotten;
  };

  test.each<VisionErrorCode>(["source-network", "source-not-found", "out-of-memory", "context-lost", "internal"])(
    "%s: nothing",
    async (code) => expect(await forgottenAfter(new VisionError(code, "no"))).toEqual([]),
  );

  test("a cancelled call: nothing", async () => expect(await forgottenAfter(abortError())).toEqual([]));

  test.each<VisionErrorCode>(["checkpoint-shape-mismatch", "safetensors-header"])("%s: the folder", async (code) =>
    expect(await forgottenAfter(new VisionError(code, "no"))).toEqual(["there"]),
  );

  test("a store that fails does not hide why the model was refused", async () => {
    const store = { ...noStore, forget: () => Promise.reject(new Error("locked")) };
    const refused = forgetRefused(store, "there", Promise.reject(new VisionError("config-malformed", "bad")));
    await expect(refused).rejects.toMatchObject({ code: "config-malformed" });
  });

  test("a load that succeeds: nothing", async () => {
    const store = { ...noStore, forget: () => Promise.reject(new Error("was asked to forget")) };
    expect(await forgetRefused(store, "there", Promise.resolve(7))).toBe(7);
  });
});
