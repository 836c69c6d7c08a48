import type { MathBackendWebGL } from "@tensorflow/tfjs-backend-webgl";
import { backend } from "@tensorflow/tfjs-core";
import { afterEach, expect, test, vi } from "vitest";
import { VisionError } from "../../worker/contract/errors.ts";
import type { ModelFolder } from "../../worker/contract/model-folder.ts";
import { webglBackend } from "../../worker/runtime/backends/webgl.ts";
import { Session } from "../../worker/runtime/session.ts";
import { goldenFolder } from "../setup/golden.ts";
import { attentionCnnFiles } from "../worker/checkpoint/attention-cnn-folder.ts";
import { memoryFolder } from "../worker/checkpoint/scheme-folder.ts";
import { answerOf } from "../worker/runtime/answer-of.ts";
import { arrivingFolder } from "../worker/runtime/arriving-folder.ts";

let session: Session | null = null;
afterEach(() => session?.dispose());

const host = { drivers: [webglBackend], decode: () => Promise.reject(new Error("no pictures here")) };

const MODELS: readonly [string, () => ModelFolder | Promise<ModelFolder>, number][] = [
  ["a Vision Transformer", () => goldenFolder("vit-hf"), 2 * 4], // its file ends with its last block
  ["an attention CNN", async () => memoryFolder(await attentionCnnFiles("scaled"), "scaled"), 2],
];

test.each(MODELS)("weights of %s go to the GPU while others come", async (_, open, atLeast) => {
  session = await Session.start(host, "webgl", () => undefined);
  await session.load(1, await open());
  const wanted = await answerOf(session, 1);
  const { memory } = session.status();
  const { gl } = (backend() as MathBackendWebGL).gpgpu;
  const uploads = vi.spyOn(gl as WebGL2RenderingContext, "texSubImage2D");
  for (const good of [false, true]) {
    const slow = await arrivingFolder(await open());
    const loading = session.load(2, slow.folder);
    await slow.asked;
    uploads.mockClear();
    slow.come(slow.total - 1);
    await vi.waitFor(() => expect(session!.status().queued).toBe(0));
    expect(uploads.mock.calls.length).toBeGreaterThanOrEqual(atLeast);
    expect(await answerOf(session, 1)).toEqual(wanted); // beside a model that is half there
    slow.come(slow.total);
    if (good) slow.end();
    else slow.fail(new VisionError("source-checksum", "other bytes"));
    if (good) await loading;
    else await expect(loading).rejects.toMatchObject({ code: "source-checksum" });
    if (!good) expect(session.status().memory).toMatchObject({ bytes: memory.bytes, gpuBytes: memory.gpuBytes });
  }
  expect(await answerOf(session, 2)).toEqual(wanted);
});
