import type { MathBackendWebGL } from "@tensorflow/tfjs-backend-webgl";
import { backend } from "@tensorflow/tfjs-core";
import { afterEach, expect, test, vi } from "vitest";
import type { ModelFolder } from "../../worker/contract/model-folder.ts";
import { webglBackend } from "../../worker/runtime/backends/webgl.ts";
import { Session } from "../../worker/runtime/session.ts";
import { goldenFolder } from "../setup/golden.ts";
import { attentionCnnFiles } from "../worker/checkpoint/attention-cnn-folder.ts";
import { memoryFolder } from "../worker/checkpoint/scheme-folder.ts";
import { arrivingFolder } from "../worker/runtime/arriving-folder.ts";

let session: Session | null = null;
afterEach(() => session?.dispose());

const MODELS: Readonly<Record<string, () => ModelFolder | Promise<ModelFolder>>> = {
  "a Vision Transformer": () => goldenFolder("vit-hf"),
  "an attention CNN": async () => memoryFolder(await attentionCnnFiles("scaled"), "scaled"),
};

test.each(Object.entries(MODELS))("the shaders of %s are compiled while its weights are fetched", async (_, open) => {
  const host = { drivers: [webglBackend], decode: () => Promise.reject(new Error("no pictures here")) };
  session = await Session.start(host, "webgl", () => undefined);
  const { gl } = (backend() as MathBackendWebGL).gpgpu;
  const [compiled, used] = [vi.spyOn(gl, "linkProgram"), vi.spyOn(gl as WebGL2RenderingContext, "useProgram")];
  const { memory } = session.status();
  const slow = await arrivingFolder(await open());
  const loading = session.load(1, slow.folder);
  await vi.waitFor(() => expect(compiled).toHaveBeenCalled());
  await vi.waitFor(() => expect(session!.status()).toMatchObject({ memory, queued: 0, models: [] }));
  const before = compiled.mock.calls.length;
  const drawn = new Set(used.mock.calls.flat());
  expect(compiled.mock.calls.flat().filter((program) => !drawn.has(program))).toEqual([]);
  slow.end();
  await loading;
  expect(compiled).toHaveBeenCalledTimes(before);
});
