import { beforeAll, describe } from "vitest";
import { webglBackend } from "../../worker/runtime/backends/webgl.ts";
import { describeVitGoldens } from "../worker/models/vit/golden-suite.ts";

describe("ViT on WebGL", () => {
  beforeAll(async () => {
    await webglBackend.start(() => undefined);
  });
  describeVitGoldens(1e-4);
});
