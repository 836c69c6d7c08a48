import { beforeAll, describe } from "vitest";
import { nodeBackends } from "../../../../src/node/backends.ts";
import { describeDecoding, describeGoldens } from "./seq2seq-suite.ts";

describe.each(nodeBackends)("models of sequences on $name", (driver) => {
  beforeAll(async () => {
    await driver.start(() => undefined);
  });
  describeGoldens(1e-5);
  describeDecoding(1e-5);
});
