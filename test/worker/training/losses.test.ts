import { memory, tensor2d, tidy, valueAndGrad, type Scalar, type Tensor2D } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { nodeBackends } from "../../../src/node/backends.ts";
import { registerGradients } from "../../../worker/kernels/gradients.ts";
import { crossEntropy, distillationLoss, type Distillation } from "../../../worker/training/losses.ts";
import { maxDifference, type GoldenTensor } from "../../setup/golden.ts";
import { goldenTraining, toTensor } from "./golden-training.ts";

describe.each(nodeBackends)("losses on $name", (driver) => {
  let golden: (name: string) => GoldenTensor;
  beforeAll(async () => {
    await driver.start(() => undefined);
    registerGradients();
    golden = await goldenTraining("losses");
  });
  const matrix = (name: string): Tensor2D => toTensor(golden(name)) as Tensor2D;

  type Loss = (logits: Tensor2D) => Scalar;
  const distilled =
    (distillation: Distillation): Loss =>
    (logits) =>
      distillationLoss({ logits, following: logits, teacher: matrix("teacher") }, matrix("hard"), distillation);

  test.each<[string, Loss]>([
    ["cross_entropy", (logits) => crossEntropy(logits, matrix("hard"))],
    ["smoothed", (logits) => crossEntropy(logits, matrix("hard"), { labelSmoothing: 0.1 })],
    ["soft_targets", (logits) => crossEntropy(logits, matrix("soft"))],
    ["soft_smoothed", (logits) => crossEntropy(logits, matrix("soft"), { labelSmoothing: 0.2 })],
    ["distilled_soft", distilled({ kind: "soft", weight: 0.3, temperature: 3, labelSmoothing: 0.1 })],
    ["distilled_hard", distilled({ kind: "hard", weight: 0.5 })],
  ])("%s and its gradient are PyTorch's", async (name, loss) => {
    const { value, grad } = valueAndGrad((logits) => loss(logits as Tensor2D))(matrix("logits"));
    expect(maxDifference(await value.data(), golden(name).values)).toBeLessThanOrEqual(2e-6);
    expect(maxDifference(await grad.data(), golden(`${name}.gradient`).values)).toBeLessThanOrEqual(1e-6);
  });

  test("stay finite where a softmax would be 0", async () => {
    const [logits, targets] = [tensor2d([[500, -500]]), tensor2d([[0, 1]])];
    expect([...(await crossEntropy(logits, targets).data())]).toEqual([1000]);
  });

  test("leave one number behind", () => {
    const [logits, targets, teacher] = [matrix("logits"), matrix("hard"), matrix("teacher")];
    const before = memory().numTensors;
    const loss = distillationLoss({ logits, following: logits, teacher }, targets, { kind: "hard", weight: 0.5 });
    expect(memory().numTensors - before).toBe(1);
    expect(loss.shape).toEqual([]);
  });

  test("refuse targets of other classes", () => {
    const refused = () => tidy(() => crossEntropy(tensor2d([[1, 2, 3]]), tensor2d([[1, 0]])));
    expect(refused).toThrow("cross-entropy targets: expected [1, 3], got [1, 2]");
  });
});
