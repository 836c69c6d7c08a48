import { beforeAll, describe } from "vitest";
import { nodeBackends } from "../../../../src/node/backends.ts";
import { describeVitGoldens } from "./golden-suite.ts";

describe.each(nodeBackends)("ViT on $name", (driver) => {
  beforeAll(async () => {
    await driver.start(() => undefined);
  });
  describeVitGoldens(1e-5);
});
