import { tensor1d, tensor2d, tensor3d, tidy, type Tensor } from "@tensorflow/tfjs-core";
import type { LayerSizes, LayerTimes } from "../contract/lab.ts";
import { createRandom } from "../contract/random.ts";
import type { Pause } from "../contract/turns.ts";
import { attendByScore } from "../layers/attend-by-score.ts";
import { runRecurrent } from "../layers/run-recurrent.ts";
import { convolveSequence } from "../layers/sequence-convolution.ts";
import { drawNormals } from "../training/draw-weights.ts";

const RUNS = 5;

/** Each layer on one random sequence; `pause` is awaited after every run, throw from it to stop. */
export async function timeLayers({ n, d, k }: Omit<LayerSizes, "r">, pause: Pause): Promise<LayerTimes> {
  const random = createRandom(1);
  const draw = (...shape: number[]): Float32Array =>
    drawNormals(
      shape.reduce((product, length) => product * length, 1),
      0.1,
      random,
    );
  const held = tidy(() => ({
    tokens: tensor3d(draw(n, d), [1, n, d]),
    square: tensor2d(draw(d, d), [d, d]),
    kernel: tensor3d(draw(k, d, d), [k, d, d]),
    bias: tensor1d(draw(d)),
  }));
  const linear = { kernel: held.square, bias: held.bias };
  const cell = { kind: "rnn", input: linear, recurrent: linear } as const;
  const layers = {
    selfAttention: () => attendByScore({ kind: "scaled-dot" }, held.tokens, held.tokens, held.tokens).context,
    recurrent: () => runRecurrent(cell, held.tokens).outputs,
    convolution: () => convolveSequence(held, held.tokens),
  };
  try {
    const times: Partial<Record<keyof LayerTimes, number>> = {};
    for (const [name, run] of Object.entries(layers)) times[name as keyof LayerTimes] = await median(run, pause);
    return times as LayerTimes;
  } finally {
    for (const tensor of Object.values(held)) tensor.dispose();
  }
}

/** The first run, which compiles shaders, does not count. */
async function median(run: () => Tensor, pause: Pause): Promise<number> {
  const times: number[] = [];
  for (let at = 0; at <= RUNS; at++) {
    const start = performance.now();
    const answer = tidy(run);
    await answer.data(); // the device may only begin when it is asked
    answer.dispose();
    if (at > 0) times.push(performance.now() - start);
    await pause();
  }
  return times.toSorted((a, b) => a - b)[Math.floor(RUNS / 2)]!;
}
