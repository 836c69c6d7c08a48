import fc from "fast-check";
import { expect, test } from "vitest";
import { USUAL_VIEW, type LookView } from "../../../../../src/app/state/looking/look-view.ts";
import { readLink, writeLink } from "../../../../../src/app/state/looking/view-link.ts";
import { EXPLAIN_METHODS } from "../../../../../src/index.ts";
import { COLOUR_MAPS } from "../../../../../src/overlay/colour-map.ts";
import { OVERLAY_STYLES } from "../../../../../src/overlay/overlay-options.ts";

const orNull = <T>(some: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(some, { nil: null });

const views: fc.Arbitrary<LookView> = fc.record({
  method: orNull(fc.constantFrom(...EXPLAIN_METHODS)),
  layer: orNull(fc.nat(40)),
  head: orNull(fc.oneof(fc.nat(24), fc.constantFrom("mean" as const, "max" as const, "min" as const))),
  query: orNull(fc.oneof(fc.nat(1000), fc.constantFrom("class" as const, "mean" as const))),
  target: orNull(fc.nat(21_000)),
  style: fc.constantFrom(...OVERLAY_STYLES),
  colours: fc.constantFrom(...COLOUR_MAPS),
  upsampling: fc.constantFrom("bilinear" as const, "nearest" as const),
  opacity: fc.nat(20).map((twentieth) => twentieth / 20),
});

const models = fc.record({ model: fc.string({ minLength: 1 }), captioner: orNull(fc.string()) });

test("every view comes back from its link, with its models", () => {
  fc.assert(
    fc.property(views, models, (view, inUse) => {
      expect(readLink(`#${writeLink(inUse, view)}`)).toEqual({ ...inUse, view, refused: [] });
    }),
  );
});

test("the usual view of no model needs no link", () => {
  expect(writeLink({ model: null, captioner: null }, USUAL_VIEW)).toBe("");
  expect(readLink("")).toBeNull();
  expect(readLink("#photos-title")).toBeNull();
});

test("what says nothing known is named and left as usual; the rest holds", () => {
  const linked = readLink("#method=magic&layer=-1&head=3&query=1.5&target=1e9&opacity=7&style=contours&foo=bar");
  expect(linked?.refused.toSorted()).toEqual(["layer", "method", "opacity", "query", "target"]);
  expect(linked?.view).toEqual({ ...USUAL_VIEW, head: 3, style: "contours" });
});

test("no text of a link throws", () => {
  fc.assert(fc.property(fc.string(), (text) => void readLink(`#method=${text}&${text}`)));
});
