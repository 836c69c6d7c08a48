import { beforeAll, describe } from "vitest";
import { webglBackend } from "../../worker/runtime/backends/webgl.ts";
import { describeGradients } from "../worker/kernels/gradients-suite.ts";
import { SEQUENCE_LAYERS } from "../worker/kernels/sequence-layer-cases.ts";
import { describeAttentionLayers } from "../worker/layers/attention-layers-suite.ts";
import { describeRecurrent } from "../worker/layers/recurrent-suite.ts";
import { describeGoldens } from "../worker/models/seq2seq/seq2seq-suite.ts";

describe("models of sequences on WebGL", () => {
  beforeAll(async () => {
    await webglBackend.start(() => undefined);
  });
  describeRecurrent(1e-3);
  describeAttentionLayers(1e-3);
  describeGoldens(1e-3, ["additive"]);
  describeGradients(5e-3, [1.9], { LSTM: SEQUENCE_LAYERS.LSTM!, embedding: SEQUENCE_LAYERS["token embedding"]! });
});
