import { beforeAll, describe } from "vitest";
import { nodeBackends } from "../../../src/node/backends.ts";
import { describeGradients } from "./gradients-suite.ts";
import { SEQUENCE_LAYERS } from "./sequence-layer-cases.ts";

describe.each(nodeBackends)("gradients on $name", (driver) => {
  beforeAll(async () => {
    await driver.start(() => undefined);
  });
  describeGradients(1e-3, [0.7, 1.9, 2.6]);
  describeGradients(1e-3, [0.7, 1.9, 2.6], SEQUENCE_LAYERS);
});
