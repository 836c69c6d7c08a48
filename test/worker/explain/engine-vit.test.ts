import { memory, tensor4d, zeros, type Rank } from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
import { cpuBackend } from "../../../worker/runtime/backends/cpu.ts";
import { walkAttentions, type EngineVit } from "../../../worker/explain/engine-vit.ts";
import { smallVit } from "../kernels/random-vit.ts";

beforeAll(() => cpuBackend.start(() => undefined));

test.each([
  [undefined, [[0, 1, 2], [3, 4, 5], [6]]], // 67 MB a block
  [{ first: 0, count: 1 }, [[0, 1, 2, 3, 4, 5, 6]]],
] as const)(
  "attentions that are too much for one run are asked for in several, in order: rows %j",
  async (rows, runs) => {
    const config = smallVit({ imageSize: { width: 128, height: 128 }, heads: 16, layers: 7 }); // 1025 tokens
    const asked: number[][] = [];
    const engine: EngineVit = {
      config,
      compose: () => Promise.reject(new Error("not to be composed")),
      async attentions(_, layers) {
        asked.push([...layers]);
        return layers.map((layer) => tensor4d([layer], [1, 1, 1, 1]));
      },
    };
    const image = zeros<Rank.R4>([1, 128, 128, 3]);
    const before = memory().numTensors;
    const seen: number[] = [];
    await walkAttentions(engine, image, {}, async (attention) => void seen.push((await attention.data())[0]!), rows);
    expect(asked).toEqual(runs);
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(memory().numTensors).toBe(before);
    image.dispose();
  },
);
