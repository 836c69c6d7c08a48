import { expect, test } from "vitest";
import { describeFailure, PageError } from "../../../../src/app/state/failure.ts";
import { summarise, summariseCaptions } from "../../../../src/app/state/photo-summary.ts";
import { createPhoto, type Photo, type PhotoState } from "../../../../src/app/state/photo.ts";
import { answer, caption, modelInfo } from "../fake-vision.ts";

const photo = (state: PhotoState): Photo => {
  const made = createPhoto(1, { name: "a.jpg", content: new Blob() });
  made.state.value = state;
  return made;
};

const done = photo({ kind: "done", result: answer("tabby cat", 0.831), model: modelInfo(1) });
const empty = photo({ kind: "done", result: { ...answer(""), predictions: [] }, model: modelInfo(1) });
const failed = photo({ kind: "failed", failure: describeFailure(new PageError("picture-address", "")) });
const cancelled = photo({ kind: "cancelled" });

test.each([
  [[], ""],
  [[done], "a.jpg: tabby cat, 83.1%."],
  [[empty], "a.jpg: no prediction."],
  [[failed], "a.jpg: That picture could not be fetched. Save it on your device, then choose the file."],
  [[cancelled], "a.jpg: cancelled."],
  [[done, failed, cancelled, done], "2 photos classified, 1 failed, 1 cancelled."],
])("%#: one answer in full, many as a count", (photos, text) => expect(summarise(photos)).toBe(text));

test("sentences are told whole, many as a count", () => {
  const said = photo({ kind: "waiting" });
  said.caption.value = { kind: "done", caption: caption("a cat sleeps"), model: "Small captioner" };
  const unsaid = photo({ kind: "waiting" });
  unsaid.caption.value = { kind: "cancelled" };
  expect(summariseCaptions([said])).toBe("a.jpg: a cat sleeps");
  expect(summariseCaptions([said, said, unsaid])).toBe("2 photos described, 1 cancelled.");
});
