import { beforeAll, describe } from "vitest";
import { nodeBackends } from "../../../src/node/backends.ts";
import { describeCnnExplanations } from "./cnn-suite.ts";
import { describeOnePatchModels } from "./one-patch-suite.ts";
import { describeVitExplanations } from "./vit-suite.ts";

describe.each(nodeBackends)("explanations on $name", (driver) => {
  beforeAll(async () => {
    await driver.start(() => undefined);
  });
  describeVitExplanations(2e-5);
  describeCnnExplanations(2e-5);
  describeOnePatchModels(driver.name === "wasm" ? 500 : 50);
});
