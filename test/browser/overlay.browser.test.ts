import { afterEach, describe, expect, test, vi } from "vitest";
import { OverlayCanvas, type OverlayStart, type PointedPatch } from "../../src/overlay/canvas/overlay-canvas.ts";
import { TileCanvas } from "../../src/overlay/canvas/tile-canvas.ts";
import { colourTable } from "../../src/overlay/colour-map.ts";
import { composePhoto } from "../../src/overlay/compose-photo.ts";
import { DEFAULT_OPTIONS, OVERLAY_STYLES } from "../../src/overlay/overlay-options.ts";
import type { Heat } from "../../worker/contract/heat.ts";
import type { SeenArea } from "../../worker/contract/pixels.ts";
import { makeHeat, seenWhole } from "../src/overlay/make-heat.ts";

const PHOTO = { width: 200, height: 100 };
const whole = seenWhole(PHOTO);
const heat = makeHeat(
  [
    [0, 1, 2, 3],
    [4, 5, 6, 7],
  ],
  whole,
);

const PLAIN = { colours: "grey", upsampling: "nearest", opacity: 1 } as const;

afterEach(() => document.body.replaceChildren());

/** One colour all over, 200 × 100. */
function paint(colour: string): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, PHOTO);
  const context = canvas.getContext("2d")!;
  context.fillStyle = colour;
  context.fillRect(0, 0, PHOTO.width, PHOTO.height);
  return canvas;
}

function place(width = "400px", height = "200px"): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  Object.assign(canvas.style, { display: "block", width, height });
  document.body.append(canvas);
  return canvas;
}

function show(start: Partial<OverlayStart>, canvas = place()): { canvas: HTMLCanvasElement; overlay: OverlayCanvas } {
  return { canvas, overlay: new OverlayCanvas(canvas, { photo: paint("white"), heat, options: PLAIN, ...start }) };
}

const pixel = (canvas: HTMLCanvasElement, x: number, y: number): number[] => [
  ...canvas.getContext("2d")!.getImageData(x, y, 1, 1).data.subarray(0, 3),
];

const grey = (unit: number): number[] => Array<number>(3).fill(Math.min(Math.floor(unit * 256), 255));

/** A pointer event's place, on an element in CSS pixels. */
function at(canvas: HTMLCanvasElement, x: number, y: number) {
  const { left, top } = canvas.getBoundingClientRect();
  return { clientX: left + x, clientY: top + y, bubbles: true, cancelable: true };
}

const press = (canvas: HTMLCanvasElement, key: string): boolean =>
  canvas.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));

describe("a map lands on its part of the photo", () => {
  test("cell by cell, to the pixel", () => {
    const { canvas } = show({});
    expect([canvas.width, canvas.height]).toEqual([400, 200]);
    for (let cell = 0; cell < 8; cell++) {
      const [left, top] = [(cell % 4) * 100, Math.floor(cell / 4) * 100];
      for (const [x, y] of [
        [0, 0],
        [99, 0],
        [50, 50],
        [0, 99],
        [99, 99],
      ] as const) {
        expect(pixel(canvas, left + x, top + y)).toEqual(grey(cell / 7));
      }
    }
  });

  test("of a crop, with the rest of the photo dimmed", () => {
    const seen: SeenArea = { source: PHOTO, resized: PHOTO, crop: { left: 50, top: 0, width: 100, height: 100 } };
    const { canvas } = show({ heat: { ...heat, seen } });
    const columns = [98, 101, 298, 301].map((x) => pixel(canvas, x, 50)[0]!); // the crop is 100…300 on the canvas
    expect(columns.slice(1, 3)).toEqual([grey(0)[0], grey(3 / 7)[0]]);
    expect(columns[0]).toBe(columns[3]);
    expect(columns[0]).toBeGreaterThan(110);
    expect(columns[0]).toBeLessThan(200);
  });

  test("of a letter box, cut off at the photo's edges", () => {
    const seen: SeenArea = { source: PHOTO, resized: PHOTO, crop: { left: 0, top: -50, width: 200, height: 200 } };
    const fourRows = makeHeat([[0], [1], [2], [3]], seen); // the first and the last row are padding
    const { canvas } = show({ heat: fourRows }, place("400px", "400px")); // contain: the photo is 100…300
    expect([101, 198, 201, 298].map((y) => pixel(canvas, 200, y)[0])).toEqual([85, 85, 170, 170]);
    expect(canvas.getContext("2d")!.getImageData(200, 98, 1, 1).data[3]).toBe(0);
  });

  test("smoothly, as without a canvas", () => {
    const options = { colours: "viridis", opacity: 0.7 } as const;
    const { canvas } = show({ options, photo: paint("rgb(10, 200, 90)") }, place("200px", "100px"));
    const data = Uint8Array.from({ length: 60_000 }, (_, i) => [10, 200, 90][i % 3]!);
    const wanted = composePhoto({ ...PHOTO, data }, heat, { ...DEFAULT_OPTIONS, ...options, style: "colours" }).data;
    const drawn = canvas.getContext("2d")!.getImageData(0, 0, 200, 100).data;
    const worst = wanted.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - drawn[Math.floor(i / 3) * 4 + (i % 3)]!)),
      0,
    );
    expect(worst).toBeLessThanOrEqual(3); // levels: the canvas premultiplies
  });

  test("side by side with the photo alone", () => {
    const { canvas } = show({ options: { ...PLAIN, beside: true } }, place("800px", "200px"));
    expect(pixel(canvas, 10, 10)).toEqual([255, 255, 255]);
    expect(pixel(canvas, 410, 10)).toEqual(grey(0));
    expect(pixel(canvas, 790, 190)).toEqual(grey(1));
  });
});

describe("other styles", () => {
  test("a mask darkens what holds little", () => {
    const { canvas } = show({ options: { style: "mask", mass: 0.4, opacity: 1 } }); // 7 + 6 of 28 are above 0.4
    expect([50, 150, 250, 350].map((x) => pixel(canvas, x, 150)[0])).toEqual([0, 0, 255, 255]);
    expect(pixel(canvas, 350, 50)[0]).toBe(0);
  });

  test.each(OVERLAY_STYLES)("%s at opacity 0 leaves the photo, also where the model did not look", (style) => {
    const seen: SeenArea = { source: PHOTO, resized: PHOTO, crop: { left: 50, top: 0, width: 100, height: 100 } };
    const { canvas } = show({ heat: { ...heat, seen }, options: { style, opacity: 0 } });
    const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
    expect(data.every((value) => value === 255)).toBe(true);
  });

  test("contours run where the map has the level, and leave the photo elsewhere", () => {
    const ramp = makeHeat([[0, 1, 2, 3]], whole); // 1.5 is in the middle of the photo
    const { canvas } = show({ heat: ramp, options: { style: "contours", levels: [0.5], colours: "viridis" } });
    const middle = colourTable("viridis").subarray(128 * 3, 129 * 3);
    expect(pixel(canvas, 200, 100)).toEqual([...middle]);
    expect([150, 190, 210, 250].map((x) => pixel(canvas, x, 100)[0])).toEqual([255, 255, 255, 255]);
  });
});

describe("pointing", () => {
  test("a pointer tells each patch once, and frames it", () => {
    const onQuery = vi.fn<(patch: PointedPatch) => void>();
    const { canvas } = show({ onQuery });
    for (const x of [210, 230, 390]) canvas.dispatchEvent(new PointerEvent("pointermove", at(canvas, x, 150)));
    expect(onQuery.mock.calls).toEqual([
      [{ cell: { column: 2, row: 1 }, index: 6, value: 6, by: "pointer" }],
      [{ cell: { column: 3, row: 1 }, index: 7, value: 7, by: "pointer" }],
    ]);
    expect(pixel(canvas, 300, 150)).toEqual([255, 255, 255]);
    expect(pixel(canvas, 350, 150)).toEqual(grey(1));
  });

  test("finds nothing beside the photo, and the photo where object-fit lays it", () => {
    const { canvas, overlay } = show({}, place("400px", "400px"));
    expect(overlay.queryAt(at(canvas, 10, 90))).toBeNull();
    expect(overlay.queryAt(at(canvas, 10, 110))).toEqual({ column: 0, row: 0 });
    overlay.update({ options: { fit: "cover" } }); // 800 × 400: 200…600 is visible
    expect(overlay.queryAt(at(canvas, 10, 110))).toEqual({ column: 1, row: 0 });
  });

  test("holds under borders and transforms", () => {
    const canvas = place();
    Object.assign(canvas.style, { border: "10px solid", transform: "scale(0.5)", transformOrigin: "0 0" });
    const { overlay } = show({}, canvas);
    expect(overlay.queryAt(at(canvas, 5 + 99 / 2, 5 + 99 / 2))).toEqual({ column: 0, row: 0 });
    expect(overlay.queryAt(at(canvas, 5 + 101 / 2, 5 + 101 / 2))).toEqual({ column: 1, row: 1 });
  });

  test("arrow keys start in the middle, move, stop at the edge, and say so", () => {
    const onQuery = vi.fn<(patch: PointedPatch) => void>();
    const { canvas } = show({ onQuery });
    expect(canvas.tabIndex).toBe(0);
    expect(["ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown"].map((key) => press(canvas, key))).toEqual(
      Array(4).fill(false), // handled: the page does not scroll
    );
    expect(press(canvas, "Tab")).toBe(true);
    expect(onQuery.mock.calls.map(([{ index, by }]) => [index, by])).toEqual([
      [1, "keyboard"],
      [2, "keyboard"],
      [6, "keyboard"],
    ]);
    expect(canvas.getAttribute("aria-label")).toContain("Column 3 of 4, row 2 of 2: 6");
  });
});

describe("an overlay's life", () => {
  test("update changes the map, the options and the photo, and keeps the patch", () => {
    const { canvas, overlay } = show({ cell: { column: 3, row: 1 } });
    overlay.update({ heat: makeHeat([[1, 0]], whole) });
    expect([pixel(canvas, 20, 100), pixel(canvas, 300, 100)]).toEqual([grey(1), grey(0)]);
    expect(canvas.getAttribute("aria-label")).toContain("Column 2 of 2, row 1 of 1: 0");
    overlay.update({ photo: paint("rgb(0, 0, 255)"), options: { opacity: 0 } });
    expect(pixel(canvas, 20, 100)).toEqual([0, 0, 255]);
    overlay.update({ heat: null });
    expect([overlay.legend(), overlay.queryAt(at(canvas, 20, 100))]).toEqual([null, null]);
  });

  test("a canvas without a size takes the photo's shape and does not grow", async () => {
    const frame = document.createElement("div");
    frame.style.width = "300px";
    const canvas = document.createElement("canvas");
    frame.append(canvas);
    document.body.append(frame);
    const { overlay } = show({}, canvas);
    for (let i = 0; i < 3; i++) overlay.update({ heat });
    expect([canvas.clientWidth, canvas.clientHeight, canvas.width, canvas.height]).toEqual([300, 150, 300, 150]);
    frame.style.width = "400px";
    await vi.waitFor(() => expect([canvas.width, canvas.height]).toEqual([400, 200]));
    expect(pixel(canvas, 350, 150)).toEqual(grey(1));
  });

  test("after dispose nothing is heard, and update says why", async () => {
    const onQuery = vi.fn();
    const { canvas, overlay } = show({ onQuery });
    overlay.dispose();
    press(canvas, "ArrowRight");
    expect(onQuery).not.toHaveBeenCalled();
    expect(() => overlay.update({ heat })).toThrowError(expect.objectContaining({ code: "disposed" }));
    await expect(overlay.toBlob()).rejects.toMatchObject({ code: "disposed" });
  });

  test("a photo that has not loaded is refused", () =>
    expect(() => show({ photo: new Image() })).toThrowError(
      expect.objectContaining({ code: "image-unsupported-input" }),
    ));
});

describe("toBlob", () => {
  const draw = async (blob: Blob): Promise<HTMLCanvasElement> => {
    const bitmap = await createImageBitmap(blob);
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: bitmap.width, height: bitmap.height });
    canvas.getContext("2d")!.drawImage(bitmap, 0, 0);
    return canvas;
  };

  test("gives the picture, a legend with the map's colours, and words below", async () => {
    const blob = await show({}).overlay.toBlob({ model: "everyday-vit", file: "photo.jpg" });
    expect(blob.type).toBe("image/png");
    const picture = await draw(blob); // 480 × 240 and the foot
    expect(picture.width).toBe(480);
    expect(picture.height).toBeGreaterThan(290);
    expect([pixel(picture, 5, 5), pixel(picture, 475, 235)]).toEqual([grey(0), grey(1)]);
    const bar = [14, 240, 465].map((x) => pixel(picture, x, 258)[0]!);
    expect([bar[0]! < 5, Math.abs(bar[1]! - 128) < 3, bar[2]! > 250]).toEqual([true, true, true]);
    const foot = picture.getContext("2d")!.getImageData(0, 285, 480, picture.height - 285).data;
    expect(foot.filter((value, i) => i % 4 === 0 && value < 100).length).toBeGreaterThan(50); // writing
  });

  test("keeps a large photo's own size", async () => {
    const photo = document.createElement("canvas");
    Object.assign(photo, { width: 1600, height: 800 });
    const { width } = await createImageBitmap(await show({ photo }).overlay.toBlob());
    expect(width).toBe(1600);
  });
});

describe("small maps", () => {
  const tileOf = (value: number): Heat => makeHeat([[value]], whole);
  const tiles = [0, 1, 2, 3].map((i) => ({ heat: tileOf(i), label: `Head ${i + 1}` }));
  const options = { ...PLAIN, scale: { kind: "fixed", min: 0, max: 3 } } as const;
  const showTiles = (onChoose: (index: number) => void, onReach?: (index: number) => void) => {
    const canvas = place("408px", "244px"); // 2 × 2 of 200 × 100, labels of 18, gaps of 8
    const start = { photo: paint("white"), tiles, options, onChoose };
    return { canvas, view: new TileCanvas(canvas, onReach ? { ...start, onReach } : start) };
  };

  test("lie in a grid on one scale, each with its label", () => {
    const { canvas } = showTiles(vi.fn());
    const centres = [
      [100, 50],
      [308, 50],
      [100, 176],
      [308, 176],
    ] as const;
    expect(centres.map(([x, y]) => pixel(canvas, x, y)[0])).toEqual([0, 85, 170, 255]);
    const label = canvas.getContext("2d")!.getImageData(0, 102, 200, 16).data;
    expect(label.some((value, i) => i % 4 === 3 && value > 128)).toBe(true);
  });

  test("a click chooses, between them nothing does", () => {
    const onChoose = vi.fn();
    const { canvas, view } = showTiles(onChoose);
    canvas.dispatchEvent(new MouseEvent("click", at(canvas, 308, 176)));
    canvas.dispatchEvent(new MouseEvent("click", at(canvas, 204, 50)));
    expect(onChoose.mock.calls).toEqual([[3]]);
    expect(view.tileAt(at(canvas, 10, 10))).toBe(0);
    view.dispose();
    canvas.dispatchEvent(new MouseEvent("click", at(canvas, 10, 10)));
    expect(onChoose).toHaveBeenCalledTimes(1);
  });

  test("arrow keys and Enter choose", () => {
    const onChoose = vi.fn();
    const { canvas } = showTiles(onChoose);
    ["ArrowDown", "ArrowRight", "ArrowRight", "Enter", "ArrowUp", " "].forEach((key) => press(canvas, key));
    expect(onChoose.mock.calls).toEqual([[3], [1]]);
    expect(canvas.getAttribute("aria-label")).toContain("Head 2, chosen, 2 of 4");
  });

  test("what arrow keys reach is told, and neither what is chosen nor another key", () => {
    const onReach = vi.fn();
    const { canvas } = showTiles(vi.fn(), onReach);
    ["ArrowDown", "Enter", "a", "ArrowRight", "ArrowUp"].forEach((key) => press(canvas, key));
    canvas.dispatchEvent(new MouseEvent("click", at(canvas, 10, 10)));
    expect(onReach.mock.calls).toEqual([[2], [3], [1]]);
  });

  test("a strip stands in one row", () => {
    const { canvas, view } = showTiles(vi.fn());
    view.update({ layout: "strip", chosen: 2 });
    const tops = [5, 105, 210, 320].map((x) => view.tileAt(at(canvas, x, 10)));
    expect(tops).toEqual([0, 1, 2, 3]);
  });
});
