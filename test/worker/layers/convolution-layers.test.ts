import { beforeAll, describe } from "vitest";
import { nodeBackends } from "../../../src/node/backends.ts";
import { describeConvolutions } from "./convolution-suite.ts";
import { describeSpatialSelfAttention } from "./spatial-self-attention-suite.ts";

describe.each(nodeBackends)("layers of the attention CNN on $name", (driver) => {
  beforeAll(async () => {
    await driver.start(() => undefined);
  });
  describeConvolutions(1e-5);
  describeSpatialSelfAttention(1e-5);
});
