import type { Photo } from "./photo.ts";

/** Draws a small copy of a picture, or gives null where the browser cannot show it. */
export type DrawThumbnail = (picture: Blob) => Promise<Blob | null>;

/** Makes thumbnails one after another, so that only one big picture is decoded at a time, and revokes their URLs. */
export type Thumbnails = {
  readonly make: (photo: Photo, picture: Blob) => Promise<void>;
  readonly revoke: (photo: Photo) => void;
};

export const createThumbnails = (draw: DrawThumbnail): Thumbnails => {
  const unwanted = new WeakSet<Photo>();
  let last: Promise<void> = Promise.resolve();

  const makeNow = async (photo: Photo, picture: Blob): Promise<void> => {
    if (unwanted.has(photo)) return;
    const small = await draw(picture).catch(() => null);
    if (small && !unwanted.has(photo)) photo.thumbnail.value = URL.createObjectURL(small);
  };

  return {
    make(photo, picture) {
      last = last.then(() => makeNow(photo, picture));
      return last;
    },
    revoke(photo) {
      unwanted.add(photo);
      const url = photo.thumbnail.peek();
      if (url === null) return;
      URL.revokeObjectURL(url);
      photo.thumbnail.value = null;
    },
  };
};
