import { tensor, type Tensor } from "@tensorflow/tfjs-core";
import { goldenTensors, type GoldenTensor } from "../../setup/golden.ts";

/** PyTorch's answers of one section of test/golden/training, by their names without it. */
export async function goldenTraining(section: string): Promise<(name: string) => GoldenTensor> {
  const all = await goldenTensors("training/expected.safetensors");
  return (name) => {
    const found = all.get(`${section}.${name}`);
    if (!found) throw new Error(`test/golden/training has no ${section}.${name}`);
    return found;
  };
}

export const toTensor = ({ values, shape }: GoldenTensor): Tensor => tensor(values, [...shape]);
