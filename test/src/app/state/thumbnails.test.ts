import { expect, test } from "vitest";
import { createPhoto } from "../../../../src/app/state/photo.ts";
import { createThumbnails } from "../../../../src/app/state/thumbnails.ts";
import { settle } from "../fake-vision.ts";

const photo = (id: number) => createPhoto(id, { name: `${id}`, content: new Blob() });

test("one picture at a time, and a failure stops none after it", async () => {
  let decoding = 0;
  let most = 0;
  const thumbnails = createThumbnails(async (picture) => {
    most = Math.max(most, ++decoding);
    await settle();
    decoding -= 1;
    if (picture.size === 0) throw new Error("not a picture");
    return picture;
  });
  const photos = [photo(1), photo(2), photo(3)];
  const pictures = [new Blob(["a"]), new Blob(), new Blob(["c"])];
  await Promise.all(photos.map((each, i) => thumbnails.make(each, pictures[i]!)));
  expect(most).toBe(1);
  expect(photos.map((each) => each.thumbnail.value?.startsWith("blob:") ?? null)).toEqual([true, null, true]);
  photos.forEach(thumbnails.revoke);
});

test("a photo removed meanwhile gets no URL that nobody would revoke", async () => {
  const thumbnails = createThumbnails(async (picture) => picture);
  const removed = photo(1);
  const made = thumbnails.make(removed, new Blob(["a"]));
  thumbnails.revoke(removed);
  await made;
  expect(removed.thumbnail.value).toBeNull();
});
