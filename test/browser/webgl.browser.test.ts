import { matMul, ready, setBackend, tensor2d } from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-webgl";
import { expect, test } from "vitest";

test("this browser computes on WebGL", async () => {
  await setBackend("webgl");
  await ready();
  const product = matMul(tensor2d([[1, 2, 3], [4, 5, 6]]), tensor2d([[7, 8], [9, 10], [11, 12]])); // prettier-ignore
  expect(await product.array()).toEqual([[58, 64], [139, 154]]); // prettier-ignore
});
