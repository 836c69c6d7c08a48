import fc from "fast-check";
import { expect, test } from "vitest";
import { editDistance, nearestName } from "../../../worker/checkpoint/nearest-name.ts";

/** The definition, by recursion. */
function slowDistance(a: string, b: string): number {
  if (a === "" || b === "") return a.length + b.length;
  const [restA, restB] = [a.slice(1), b.slice(1)];
  if (a[0] === b[0]) return slowDistance(restA, restB);
  return 1 + Math.min(slowDistance(restA, b), slowDistance(a, restB), slowDistance(restA, restB));
}

test("the distance is that of its definition", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 5 });
  fc.assert(fc.property(word, word, (a, b) => editDistance(a, b) === slowDistance(a, b)));
});

test("the nearest name, if any is near", () => {
  const names = ["vit.layernrom.weight", "vit.embeddings.cls_token", "conv1.weight"];
  expect(nearestName("vit.layernorm.weight", names)).toBe("vit.layernrom.weight");
  expect(nearestName("embeddings.cls_token", names)).toBe("vit.embeddings.cls_token");
  expect(nearestName("head.bias", names)).toBeNull();
  expect(nearestName("head.bias", [])).toBeNull();
});
