import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fitPhoto, pointInPhoto, rectangleInBox, type ObjectFit } from "../../../src/overlay/fit-photo.ts";
import { photoPointAt, planScene } from "../../../src/overlay/plan-scene.ts";

const box = { left: 10, top: 20, width: 400, height: 300 };

describe("fitPhoto lays a photo as CSS's object-fit", () => {
  // [left, top, width, height], by the definitions of CSS Images 3, section 5.5
  test.each<[ObjectFit, number, number, number[]]>([
    ["contain", 200, 100, [10, 70, 400, 200]],
    ["contain", 1000, 2000, [135, 20, 150, 300]],
    ["cover", 200, 100, [-90, 20, 600, 300]],
    ["cover", 100, 200, [10, -230, 400, 800]],
    ["fill", 123, 45, [10, 20, 400, 300]],
    ["none", 200, 100, [110, 120, 200, 100]],
    ["none", 800, 600, [-190, -130, 800, 600]],
    ["scale-down", 200, 100, [110, 120, 200, 100]],
    ["scale-down", 800, 300, [10, 95, 400, 150]],
  ])("%s, %i × %i", (fit, width, height, wanted) => {
    const { left, top, ...size } = fitPhoto(box, { width, height }, fit);
    expect([left, top, size.width, size.height]).toEqual(wanted);
  });
});

test("places go to the photo and back", () => {
  const fits = fc.constantFrom<ObjectFit>("contain", "cover", "fill", "none", "scale-down");
  const length = fc.integer({ min: 1, max: 5000 });
  fc.assert(
    fc.property(fits, length, length, fc.nat(400), fc.nat(300), (fit, width, height, x, y) => {
      const photo = { width, height };
      const place = fitPhoto(box, photo, fit);
      const there = pointInPhoto(place, photo, { x, y });
      const back = rectangleInBox(place, photo, { left: there.x, top: there.y, width: 0, height: 0 });
      expect(back.left).toBeCloseTo(x, 6);
      expect(back.top).toBeCloseTo(y, 6);
    }),
  );
});

describe("side by side", () => {
  const photo = { width: 200, height: 100 };
  const panes = planScene({ width: 800, height: 300 }, photo, "contain", true);

  test("both panes answer with the same place in the photo, and the map is on the right", () => {
    expect(panes.map(({ withMap }) => withMap)).toEqual([false, true]);
    expect(photoPointAt(panes, photo, { x: 100, y: 150 })).toEqual({ x: 50, y: 50 });
    expect(photoPointAt(panes, photo, { x: 500, y: 150 })).toEqual({ x: 50, y: 50 });
  });

  test("nothing answers beside the photo, nor where cover has cut it off", () => {
    expect(photoPointAt(panes, photo, { x: 100, y: 10 })).toBeNull();
    const cut = planScene({ width: 100, height: 100 }, photo, "cover", false);
    expect(photoPointAt(cut, photo, { x: 0, y: 50 })).toEqual({ x: 50, y: 50 });
    expect(photoPointAt(cut, photo, { x: -20, y: 50 })).toBeNull();
  });
});
