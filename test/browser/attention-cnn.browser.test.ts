import { beforeAll, describe } from "vitest";
import { webglBackend } from "../../worker/runtime/backends/webgl.ts";
import { describeConvolutions } from "../worker/layers/convolution-suite.ts";
import { describeSpatialSelfAttention } from "../worker/layers/spatial-self-attention-suite.ts";
import { describeAttentionCnnGoldens } from "../worker/models/attention-cnn/golden-suite.ts";

describe("attention CNN on WebGL", () => {
  beforeAll(async () => {
    await webglBackend.start(() => undefined);
  });
  describeConvolutions(1e-4);
  describeSpatialSelfAttention(1e-4);
  describeAttentionCnnGoldens(1e-4);
});
