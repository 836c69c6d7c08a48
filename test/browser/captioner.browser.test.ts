import { beforeAll, describe } from "vitest";
import { webglBackend } from "../../worker/runtime/backends/webgl.ts";
import { describeSequenceLayers } from "../worker/layers/sequence-layers-suite.ts";
import { describeCaptioners } from "../worker/models/captioner/golden-suite.ts";
import { describeGpt2Decoding } from "../worker/models/captioner/gpt2-suite.ts";

describe("captioners on WebGL", () => {
  beforeAll(async () => {
    await webglBackend.start(() => undefined);
  });
  describeSequenceLayers(2e-5);
  describeCaptioners(1e-4, ["soft attention", "post-tied-sinusoidal"]);
  describeGpt2Decoding(1e-4);
});
