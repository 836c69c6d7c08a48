import { beforeAll, describe } from "vitest";
import { nodeBackends } from "../../../src/node/backends.ts";
import { describeAttentionLayers } from "./attention-layers-suite.ts";
import { describeRecurrent } from "./recurrent-suite.ts";

describe.each(nodeBackends)("layers of sequences on $name", (driver) => {
  beforeAll(async () => {
    await driver.start(() => undefined);
  });
  describeRecurrent(1e-5);
  describeAttentionLayers(1e-5);
});
