import { memory } from "@tensorflow/tfjs-core";
import { expect, test, vi } from "vitest";
import type { HostArray } from "../../../worker/contract/forward.ts";
import type { Engine } from "../../../worker/kernels/engine.ts";
import { countObjects, openGl } from "./gl.ts";

type Subject<Stage extends string> = {
  readonly create: (gl: WebGL2RenderingContext, pause?: () => Promise<void>) => Promise<Engine<Stage | "logits">>;
  readonly draw: (batch: number) => HostArray;
  readonly stages: readonly Stage[];
};

/** What holds of every engine that draws with a WebGL context. */
export function webglSuite<Stage extends string>({ create, draw, stages }: Subject<Stage>): void {
  test("nothing is made on the GPU once there was a batch as large, and no more is left than programs for the next", async () => {
    const gl = openGl();
    const { objects } = countObjects(gl);
    const tensors = memory().numTensors;
    const empty = objects();
    (await create(gl)).release();
    const before = objects();
    expect(before).toEqual({ ...empty, Program: before.Program });
    const engine = await create(gl);
    await engine.run(draw(3), { stages });
    const inUse = objects();
    for (const batch of [1, 3, 2]) await engine.run(draw(batch), { stages });
    expect(objects()).toEqual(inUse);
    engine.release();
    await expect(create(gl, () => Promise.reject(new Error("stop")))).rejects.toThrow("stop");
    expect(objects()).toEqual(before);
    expect(memory().numTensors).toBe(tensors);
  });

  test("warmed up, it has drawn one tile of everything, and its first run makes nothing and answers as any", async () => {
    const gl = openGl();
    const { objects, draws } = countObjects(gl);
    const cold = await create(gl);
    const drawnBefore = draws();
    const answers = await cold.run(draw(1), { stages: ["logits"] });
    const drawn = draws() - drawnBefore;
    cold.release();
    const engine = await create(gl);
    const shown = vi.spyOn(gl, "viewport");
    engine.warmUp!();
    expect(shown.mock.calls.map(([, , across, down]) => [across, down])).toEqual(Array(drawn).fill([1, 1]));
    const made = objects();
    expect(await engine.run(draw(1), { stages: ["logits"] })).toEqual(answers);
    expect(objects()).toEqual(made);
    engine.release();
  });

  test.each([1, 3])(
    "where the GPU refuses allocation %i of a larger batch, the next run is as any",
    async (refused) => {
      const gl = openGl();
      const { objects } = countObjects(gl);
      const engine = await create(gl);
      const wanted = await engine.run(draw(1), { stages: ["logits"] });
      const allocate = gl.texStorage3D.bind(gl);
      let calls = 0;
      gl.texStorage3D = (...call) => (++calls === refused ? undefined : allocate(...call)); // without an error, as seen
      await expect(engine.run(draw(3), { stages: ["logits"] })).rejects.toMatchObject({ code: "out-of-memory" });
      gl.texStorage3D = allocate;
      expect(await engine.run(draw(1), { stages: ["logits"] })).toEqual(wanted);
      engine.release();
      expect(objects()).toMatchObject({ Texture: 0, Framebuffer: 0 });
    },
  );

  test("a run and a start tell by code that the context is lost", async () => {
    const gl = openGl();
    const engine = await create(gl);
    const pause = async () => gl.getExtension("WEBGL_lose_context")?.loseContext();
    await expect(engine.run(draw(1), { stages: ["logits"], pause })).rejects.toMatchObject({ code: "context-lost" });
    await expect(create(gl)).rejects.toMatchObject({ code: "context-lost" });
    engine.release();
  });
}
