import { beforeAll, describe } from "vitest";
import { nodeBackends } from "../../../src/node/backends.ts";
import { describeLayers } from "./layers-suite.ts";

describe.each(nodeBackends)("layers on $name", (driver) => {
  beforeAll(async () => {
    await driver.start(() => undefined);
  });
  describeLayers(1e-5);
});
