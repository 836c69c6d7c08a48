import { beforeAll, describe } from "vitest";
import { nodeBackends } from "../../../../src/node/backends.ts";
import { describeOptimisers } from "./optimisers-suite.ts";

describe.each(nodeBackends)("optimisers on $name", (driver) => {
  beforeAll(async () => {
    await driver.start(() => undefined);
  });
  describeOptimisers(1e-6);
});
