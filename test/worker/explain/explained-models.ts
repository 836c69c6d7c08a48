import { slice, tensor4d, tidy, transpose, type Tensor4D } from "@tensorflow/tfjs-core";
import type { AttentionCnn } from "../../../worker/models/attention-cnn/attention-cnn.ts";
import { buildAttentionCnn } from "../../../worker/models/attention-cnn/build-attention-cnn.ts";
import type { AttentionCnnConfig } from "../../../worker/models/attention-cnn/config.ts";
import type { ParameterReader } from "../../../worker/kernels/parameter-reader.ts";
import { buildVit } from "../../../worker/models/vit/build-vit.ts";
import type { VitConfig } from "../../../worker/models/vit/config.ts";
import type { Vit } from "../../../worker/models/vit/vit.ts";
import { goldenFolder, goldenTensors, type GoldenTensor } from "../../setup/golden.ts";
import { openAs } from "../checkpoint/open-as.ts";

const PREPROCESSOR = { "preprocessor_config.json": "vit-hf/preprocessor_config.json" };

/** A golden ViT, on whatever backend is in use; `change` its config, or its parameters, on the way. */
export async function loadVit(
  folder: "vit-hf" | "explain/one-patch-vit",
  change: (config: VitConfig, read: ParameterReader) => [VitConfig, ParameterReader] = (...same) => same,
): Promise<Vit> {
  const { config, read } = await openAs("vit", goldenFolder(folder, PREPROCESSOR));
  return buildVit(...change(config, read));
}

/** The golden attention CNN of one-patch pictures. */
export async function loadOnePatchCnn(): Promise<AttentionCnn> {
  const folder = goldenFolder("explain/one-patch-cnn", PREPROCESSOR);
  const { config, read } = await openAs("attention-cnn", folder);
  return buildAttentionCnn(config, read);
}

/** A variant of the golden attention CNN of random weights. */
export async function loadCnn(config: AttentionCnnConfig): Promise<AttentionCnn> {
  const weights = await goldenTensors("attention-cnn/weights.safetensors");
  return buildAttentionCnn(config, (name) => weights.get(name)!.values);
}

/** One of PyTorch's pictures `[B, C, H, W]` → `[1, H, W, C]` */
export const pictureOf = ({ values, shape }: GoldenTensor, index = 0): Tensor4D =>
  tidy(() => {
    const [, channels, height, width] = shape as Tensor4D["shape"];
    const one = slice(tensor4d(values, shape as Tensor4D["shape"]), [index, 0, 0, 0], [1, channels, height, width]);
    return transpose<Tensor4D>(one, [0, 2, 3, 1]);
  });
