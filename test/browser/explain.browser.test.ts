import { beforeAll, describe } from "vitest";
import { webglBackend } from "../../worker/runtime/backends/webgl.ts";
import { describeCnnExplanations } from "../worker/explain/cnn-suite.ts";
import { describeOnePatchModels } from "../worker/explain/one-patch-suite.ts";
import { describeVitExplanations } from "../worker/explain/vit-suite.ts";

describe("explanations on WebGL", () => {
  beforeAll(async () => {
    await webglBackend.start(() => undefined);
  });
  describeVitExplanations(1e-4);
  describeCnnExplanations(1e-4);
  describeOnePatchModels(50);
});
