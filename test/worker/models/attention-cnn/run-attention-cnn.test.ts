import { beforeAll, describe } from "vitest";
import { nodeBackends } from "../../../../src/node/backends.ts";
import { describeAttentionCnnGoldens } from "./golden-suite.ts";

describe.each(nodeBackends)("attention CNN on $name", (driver) => {
  beforeAll(async () => {
    await driver.start(() => undefined);
  });
  describeAttentionCnnGoldens(1e-5);
});
