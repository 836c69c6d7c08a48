import { dispose, memory, tensor4d, type Tensor, type Tensor4D } from "@tensorflow/tfjs-core";
import type { OpenedModel } from "../../../worker/checkpoint/open-model.ts";
import { buildAttentionCnn } from "../../../worker/models/attention-cnn/build-attention-cnn.ts";
import { runAttentionCnn } from "../../../worker/models/attention-cnn/run-attention-cnn.ts";
import { buildVit } from "../../../worker/models/vit/build-vit.ts";
import { runVit } from "../../../worker/models/vit/run-vit.ts";
import type { VitStage } from "../../../worker/models/vit/stages.ts";
import type { Contestant, Extent, Way } from "./contestant.ts";
import { driverFor } from "./drivers.ts";

type Run = (image: Tensor4D, extent: Extent) => Promise<ReadonlyMap<string, Tensor>>;

/** A model composed of tfjs's operations. */
export async function composed(model: OpenedModel, way: Way): Promise<Contestant> {
  await driverFor(way).start(() => undefined);
  const run = await build(model);
  return {
    wantsChannelsLast: true,
    bytes: () => (memory() as { numBytesInGPUAllocated?: number }).numBytesInGPUAllocated ?? null,
    async run({ shape, values }, extent) {
      const input = tensor4d(values, shape as Tensor4D["shape"]);
      const answers = [...(await run(input, extent)).values()];
      const last = (await answers.at(-1)!.data()) as Float32Array;
      dispose([input, ...answers]);
      return last;
    },
  };
}

async function build(opened: OpenedModel): Promise<Run> {
  if (opened.type === "vit") {
    const vit = await buildVit(opened.config, opened.read);
    return (image, extent) => runVit(vit, image, { stages: [stageOf(extent)] });
  }
  const cnn = await buildAttentionCnn(opened.config, opened.read);
  return (image) => runAttentionCnn(cnn, image, { stages: ["logits"] });
}

const stageOf = (extent: Extent): VitStage =>
  extent.startsWith("block") ? `blocks.${Number(extent.split(" ")[1])}.output` : "logits";
