import { expect, test } from "vitest";
import type { HostArray } from "../../../worker/contract/forward.ts";
import type { Engine } from "../../../worker/kernels/engine.ts";

/** What the suite needs of an engine: a small model for images of 16 × 16 pixels and three channels. */
type Subject<Stage extends string> = {
  readonly create: (pause?: () => Promise<void>) => Promise<Engine<Stage | "logits">>;
  readonly draw: (batch: number) => HostArray;
  readonly stages: readonly Stage[]; // some that a run keeps more for than for the logits
};

/** What holds of every engine, whatever it runs on. */
export function engineSuite<Stage extends string>({ create, draw, stages }: Subject<Stage>): void {
  const logits = { stages: ["logits"] } as const;
  const stop = () => Promise.reject(new Error("stop"));

  test("goes on after a run that was stopped half-way", async () => {
    const engine = await create();
    const before = await engine.run(draw(1), logits);
    let pauses = 0;
    const pause = () => (++pauses === 2 ? stop() : Promise.resolve());
    await expect(engine.run(draw(1), { stages: [...stages, "logits"], pause })).rejects.toThrow("stop");
    expect(await engine.run(draw(1), logits)).toEqual(before);
    engine.release();
  });

  test("holds its parameters and the activations of its largest batch, and nothing once released", async () => {
    const engine = await create();
    const held: number[] = [];
    for (const batch of [1, 4, 8, 2, 8, 1, 8, 8, 8]) {
      await engine.run(draw(batch), { stages: [...stages, "logits"] });
      held.push(engine.bytes());
    }
    expect(held[2]).toBeGreaterThan(held[0]!);
    expect(new Set(held.slice(2)).size).toBe(1);
    engine.release();
    expect(engine.bytes()).toBe(0);
    await expect(engine.run(draw(1), logits)).rejects.toMatchObject({ code: "disposed" });
  });

  test("refuses images of another shape by name", async () => {
    const engine = await create();
    const images = { shape: [1, 16, 12, 3], values: new Float32Array(576) };
    await expect(engine.run(images, logits)).rejects.toMatchObject({
      code: "input-shape",
      message: "images: expected [*, 16, 16, 3], got [1, 16, 12, 3]",
    });
    engine.release();
  });

  test("stops placing parameters where it is told to", async () => {
    await expect(create(stop)).rejects.toThrow("stop");
  });
}
