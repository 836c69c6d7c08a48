import { signal } from "@preact/signals";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLayerPlayer } from "../../../../../src/app/state/looking/layer-player.ts";
import { createLooking } from "../../../../../src/app/state/looking/looking.ts";
import { createPhoto, type Photo } from "../../../../../src/app/state/photo.ts";
import { answer, fakeVision, matrix, modelInfo } from "../../fake-vision.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("each layer is shown once its map has come, and after the last the first", async () => {
  const vision = fakeVision();
  const model = { ...modelInfo(1), layers: 2 };
  const photo = createPhoto(1, { name: "a", content: new Blob() });
  photo.state.value = { kind: "done", result: answer("cat"), model };
  const looking = createLooking({
    photos: signal<readonly Photo[]>([photo]),
    model: signal(model),
    vision: () => vision,
  });
  const player = createLayerPlayer(looking);
  player.toggle();
  for (const layer of [0, 1]) {
    await vi.advanceTimersByTimeAsync(5000); // the worker takes its time: no frame is passed over
    expect(looking.choice.value).toMatchObject({ method: "raw", layer });
    vision.maps.at(-1)?.resolve(matrix({ method: "raw" }));
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(looking.choice.value?.layer).toBe(0);
  await vi.advanceTimersByTimeAsync(800);
  expect(looking.choice.value?.layer).toBe(1);
  expect(vision.maps).toHaveLength(3); // the first map, and two layers, which are kept
  player.toggle();
  const stopped = looking.choice.value?.layer;
  await vi.advanceTimersByTimeAsync(5000);
  expect(looking.choice.value?.layer).toBe(stopped);
});
