import { beforeAll, describe } from "vitest";
import { webglBackend } from "../../worker/runtime/backends/webgl.ts";
import { describeGradients } from "../worker/kernels/gradients-suite.ts";
import { describeOptimisers } from "../worker/training/optimisers/optimisers-suite.ts";

describe("training on WebGL", () => {
  beforeAll(async () => {
    await webglBackend.start(() => undefined);
  });
  describeGradients(5e-3, [1.9]);
  describeOptimisers(2e-6);
});
