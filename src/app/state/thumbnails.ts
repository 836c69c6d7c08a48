import type { Signal } from "@preact/signals";

/** Draws a small copy of a picture, or gives null where the browser cannot show it. */
export type DrawThumbnail = (picture: Blob) => Promise<Blob | null>;

/** A photo, or a picture of a class. */
type Thumbnailed = { readonly thumbnail: Signal<string | null> };

/** Makes thumbnails one after another, so that only one big picture is decoded at a time, and revokes their URLs. */
export type Thumbnails = {
  readonly make: (shown: Thumbnailed, picture: Blob) => Promise<void>;
  readonly revoke: (shown: Thumbnailed) => void;
};

export const createThumbnails = (draw: DrawThumbnail): Thumbnails => {
  const unwanted = new WeakSet<Thumbnailed>();
  let last: Promise<void> = Promise.resolve();

  const makeNow = async (shown: Thumbnailed, picture: Blob): Promise<void> => {
    if (unwanted.has(shown)) return;
    const small = await draw(picture).catch(() => null);
    if (small && !unwanted.has(shown)) shown.thumbnail.value = URL.createObjectURL(small);
  };

  return {
    make(shown, picture) {
      last = last.then(() => makeNow(shown, picture));
      return last;
    },
    revoke(shown) {
      unwanted.add(shown);
      const url = shown.thumbnail.peek();
      if (url === null) return;
      URL.revokeObjectURL(url);
      shown.thumbnail.value = null;
    },
  };
};
