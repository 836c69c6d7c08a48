import { expect, test } from "vitest";
import { isolated, isolating } from "../../../../src/app/service-worker/isolated.ts";

const OPENER = "cross-origin-opener-policy";
const EMBEDDER = "cross-origin-embedder-policy";

test("an answer stays as it is, but for the headers it lacks", async () => {
  const sent = new Response("a page", { status: 404, statusText: "Nowhere", headers: { "content-type": "text/html" } });
  const { status, statusText, headers } = isolated(sent.clone());
  expect([status, statusText]).toEqual([404, "Nowhere"]);
  expect([...headers]).toEqual([
    ["content-type", "text/html"],
    [EMBEDDER, "require-corp"],
    [OPENER, "same-origin"],
  ]);
  expect(await isolated(sent).text()).toBe("a page");
});

test("what a host has chosen itself stays", () => {
  const headers = isolating(new Headers({ [EMBEDDER]: "credentialless" }));
  expect([headers.get(EMBEDDER), headers.get(OPENER)]).toEqual(["credentialless", "same-origin"]);
});

test.each([204, 304])("an answer %s has no body, before and after", (status) =>
  expect(isolated(new Response(null, { status })).body).toBeNull(),
);

test("a redirection is handed on: nothing can be made of it", () => {
  const redirection = Object.defineProperty(Response.error(), "type", { value: "opaqueredirect" });
  expect(isolated(redirection)).toBe(redirection);
});
