import { expect, test, vi } from "vitest";
import { createOwnClasses, filesByName } from "../../../../../src/app/state/teaching/own-classes.ts";
import { createThumbnails } from "../../../../../src/app/state/thumbnails.ts";
import { settle } from "../../fake-vision.ts";

const start = () => createOwnClasses(createThumbnails(async (picture) => picture));

const file = (name: string): File => new File(["x"], name);

test("says what is missing before they can be taught", () => {
  const { missing, add, rename, addPictures } = start();
  expect(missing.value).toBe("Name two classes first.");
  rename(1, " cat ");
  rename(2, "cat");
  expect(missing.value).toBe("Two classes are named cat.");
  rename(2, "dog");
  expect(missing.value).toBe("Pictures are missing in cat, dog.");
  addPictures(1, [file("a.jpg")]);
  expect(missing.value).toBe("Pictures are missing in dog.");
  addPictures(2, [file("b.jpg")]);
  expect(missing.value).toBe("");
  add();
  expect(missing.value).toBe("Class 3 has no name yet.");
});

test("pictures keep their names, get thumbnails, and can be taken out; what goes is revoked", async () => {
  const revoke = vi.spyOn(URL, "revokeObjectURL");
  const own = start();
  own.rename(1, " cat ");
  own.addPictures(1, ["a.jpg", "b.jpg", "c.jpg"].map(file));
  await settle();
  const [a, b, c] = own.classes.value[0]!.pictures;
  const urls = [a, b, c].map((picture) => picture!.thumbnail.value);
  expect(urls.every((url) => url?.startsWith("blob:"))).toBe(true);
  own.removePicture(1, b!);
  expect(filesByName(own.classes.value)["cat"]?.map(({ name }) => name)).toEqual(["a.jpg", "c.jpg"]);
  expect(revoke.mock.calls.flat()).toEqual([urls[1]]);
  own.remove(1);
  expect(own.classes.value.map(({ id }) => id)).toEqual([2]);
  expect(revoke.mock.calls.flat()).toEqual([urls[1], urls[0], urls[2]]);
  revoke.mockRestore();
});
