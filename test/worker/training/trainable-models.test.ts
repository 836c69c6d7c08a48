import { beforeAll, describe } from "vitest";
import { nodeBackends } from "../../../src/node/backends.ts";
import { describeTrainableModels } from "./trainable-suite.ts";

describe.each(nodeBackends)("training on $name", (driver) => {
  beforeAll(async () => {
    await driver.start(() => undefined);
  });
  describeTrainableModels(1e-5);
});
