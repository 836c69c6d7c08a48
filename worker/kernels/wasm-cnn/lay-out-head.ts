import type { HostArray } from "../../contract/forward.ts";
import type { PlacedLinear } from "../wasm-encoder/place-parameters.ts";
import { readRows, strideOf } from "../wasm/rows.ts";
import type { Machine } from "../wasm/wasm-engine.ts";
import type { PaddedMap } from "./padded-map.ts";

type Head = PlacedLinear & { readonly classes: number };

/** The last map → its mean over positions, `[B, C]`, and the logits that a head reads from it, `[B, classes]`. */
export function layOutHead({ memory, kernels }: Machine, map: PaddedMap, channels: number, head: Head | null) {
  const { first, stride, image, batch, width, height } = map;
  const pooled = memory.take(batch * stride);
  const logitStride = strideOf(head?.classes ?? 0);
  const logits = memory.take(batch * logitStride);
  const read = (address: number, columns: number, apart: number) => (): HostArray => ({
    shape: [batch, columns],
    values: readRows(memory, address, batch, columns, apart),
  });
  return {
    work: (): void => {
      const positions = height * (width + 1) - 1; // with the zeros between lines
      for (let index = 0; index < batch; index++) {
        const from = first + index * image;
        kernels.meanRow(positions, stride / 4, from, stride, width * height, pooled + index * stride);
      }
      if (!head) return;
      const { kernel, bias, classes } = head;
      kernels.product(pooled, stride, batch, channels, kernel, classes, bias, 0, 0, logits, logitStride);
    },
    tells: {
      pooled: read(pooled, channels, stride),
      ...(head && { logits: read(logits, head.classes, logitStride) }),
    },
  };
}
