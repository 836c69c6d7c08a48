import { expect, test } from "vitest";
import { cameraError } from "../../../../src/app/intake/camera.ts";

test.each([
  ["NotAllowedError", "camera-refused"],
  ["SecurityError", "camera-refused"],
  ["NotFoundError", "camera-missing"],
  ["OverconstrainedError", "camera-missing"],
  ["NotReadableError", "camera-busy"],
  ["AbortError", "camera-busy"],
])("%s is told as %s", (name, code) =>
  expect(cameraError(new DOMException("why", name))).toMatchObject({ code, message: "why" }),
);
