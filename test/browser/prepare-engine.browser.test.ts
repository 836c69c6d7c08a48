import type { MathBackendWebGL } from "@tensorflow/tfjs-backend-webgl";
import { backend } from "@tensorflow/tfjs-core";
import { afterEach, expect, test, vi } from "vitest";
import type { ModelFolder } from "../../worker/contract/model-folder.ts";
import { webglBackend } from "../../worker/runtime/backends/webgl.ts";
import { Session } from "../../worker/runtime/session.ts";
import { goldenFile } from "../setup/golden.ts";
import { attentionCnnFiles } from "../worker/checkpoint/attention-cnn-folder.ts";

let session: Session | null = null;
afterEach(() => session?.dispose());

type Files = { readonly "config.json": Uint8Array<ArrayBuffer>; readonly "model.safetensors": Uint8Array<ArrayBuffer> };

const golden = async (name: keyof Files) => (await goldenFile(`vit-hf/${name}`))!;

async function cnnFiles(): Promise<Files> {
  const files = await attentionCnnFiles("scaled");
  return { ...files, "config.json": new TextEncoder().encode(JSON.stringify(files["config.json"])) };
}

const MODELS: Readonly<Record<string, () => Promise<Files>>> = {
  "a Vision Transformer": async () => ({
    "config.json": await golden("config.json"),
    "model.safetensors": await golden("model.safetensors"),
  }),
  "an attention CNN": cnnFiles,
};

/** A folder whose weights come when they are let go. */
function slowFolder(files: Files) {
  let letGo = (): void => undefined;
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  const folder: ModelFolder = {
    name: "slow",
    origin: "slow",
    async read(path) {
      if (path === "model.safetensors") await gate;
      return new Map<string, Uint8Array<ArrayBuffer>>(Object.entries(files)).get(path) ?? null;
    },
  };
  return { folder, letGo };
}

test.each(Object.entries(MODELS))("the shaders of %s are compiled while its weights are fetched", async (_, files) => {
  const host = { drivers: [webglBackend], decode: () => Promise.reject(new Error("no pictures here")) };
  session = await Session.start(host, "webgl", () => undefined);
  const { gl } = (backend() as MathBackendWebGL).gpgpu;
  const [compiled, used] = [vi.spyOn(gl, "linkProgram"), vi.spyOn(gl as WebGL2RenderingContext, "useProgram")];
  const { memory } = session.status();
  const { folder, letGo } = slowFolder(await files());
  const loading = session.load(1, folder);
  await vi.waitFor(() => expect(compiled).toHaveBeenCalled());
  await vi.waitFor(() => expect(session!.status()).toMatchObject({ memory, queued: 0, models: [] }));
  const before = compiled.mock.calls.length;
  const drawn = new Set(used.mock.calls.flat());
  expect(compiled.mock.calls.flat().filter((program) => !drawn.has(program))).toEqual([]);
  letGo();
  await loading;
  expect(compiled).toHaveBeenCalledTimes(before);
});
