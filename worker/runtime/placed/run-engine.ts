import { tensor, type Tensor, type Tensor4D } from "@tensorflow/tfjs-core";
import type { Engine, EngineRun } from "../../kernels/engine.ts";

/** image `[B, height, width, C]` → the stages asked for, whose tensors are the caller's. */
export async function runEngine<Stage extends string, Run extends EngineRun<Stage>>(
  engine: Engine<Stage, Run>,
  image: Tensor4D,
  run: Run,
): Promise<Map<Stage, Tensor>> {
  const values = (await image.data()) as Float32Array;
  const answers = await engine.run({ shape: image.shape, values }, run);
  return new Map([...answers].map(([stage, array]) => [stage, tensor(array.values, [...array.shape])]));
}
