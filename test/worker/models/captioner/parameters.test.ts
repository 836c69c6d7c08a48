import { expect, test } from "vitest";
import { elementCount } from "../../../../worker/contract/host-tensor.ts";
import type { TransformerConfig } from "../../../../worker/models/captioner/config.ts";
import {
  gpt2ParameterShapes,
  recurrentParameterShapes,
  transformerParameterShapes,
} from "../../../../worker/models/captioner/parameters.ts";
import { goldenTensors } from "../../../setup/golden.ts";
import {
  goldenVariant,
  GPT2,
  recurrentConfig,
  SOFT_ATTENTION,
  transformerConfig,
  VARIANTS,
} from "./golden-captioners.ts";

/** Names and shapes of one golden file's tensors that start with `prefix`, less the prefix, by name. */
async function shapesIn(path: string, prefix: RegExp): Promise<[string, readonly number[]][]> {
  const tensors = [...(await goldenTensors(path))].filter(([name]) => prefix.test(name));
  return tensors.map(([name, { shape }]): [string, readonly number[]] => [name.replace(prefix, ""), shape]).sort();
}

test.each(VARIANTS)("%s: names and shapes are those of PyTorch's state dict", async (name) => {
  const variant = await goldenVariant(name);
  const ours =
    variant.model_type === "recurrent-captioner"
      ? recurrentParameterShapes(recurrentConfig(variant))
      : transformerParameterShapes(transformerConfig(variant));
  expect([...ours].sort()).toEqual(await shapesIn(`captioner/${name}.safetensors`, /^weights\./));
});

test("soft attention and GPT-2: names and shapes are those of the checkpoints", async () => {
  const soft = await shapesIn("soft-attention/expected.safetensors", /^weights\./);
  expect([...recurrentParameterShapes(SOFT_ATTENTION)].sort()).toEqual(soft);
  const decoder = await shapesIn("vit-gpt2/model.safetensors", /^(?=decoder\.|enc_to_dec_proj\.)/);
  expect([...gpt2ParameterShapes(GPT2)].sort()).toEqual(decoder);
});

test("GPT-2's published number of parameters, and what cross-attention and another width of memory add", () => {
  const small: TransformerConfig = {
    ...GPT2,
    vocabularySize: 50257,
    memorySize: 768,
    hiddenSize: 768,
    layers: 12,
    heads: 12,
    intermediateSize: 3072,
    maxPositions: 1024,
  };
  const count = (config: TransformerConfig, pattern = /./): number =>
    [...gpt2ParameterShapes(config)]
      .filter(([name]) => pattern.test(name))
      .reduce((sum, [, shape]) => sum + elementCount(shape), 0);
  const cross = count(small, /cross/);
  expect(count(small) - cross).toBe(124_439_808); // "124M"
  expect(cross).toBe(12 * (4 * (768 * 768 + 768) + 2 * 768)); // query, key, value, output and a norm in each block
  expect(count({ ...small, memorySize: 192 }) - count(small)).toBe(192 * 768 + 768);
  expect(count({ ...small, tiedOutput: false }) - count(small)).toBe(50257 * 768);
});
