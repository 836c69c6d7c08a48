import { beforeAll, describe } from "vitest";
import { nodeBackends } from "../../../../src/node/backends.ts";
import { describeCaptioners } from "./golden-suite.ts";
import { describeGpt2Decoding, describeWholeSearch } from "./gpt2-suite.ts";

describe.each(nodeBackends)("captioners on $name", (driver) => {
  beforeAll(async () => {
    await driver.start(() => undefined);
  });
  describeCaptioners(1e-5);
  describeGpt2Decoding(1e-5);
  describeWholeSearch();
});
