/** What the lab needs for pictures: decoders and checkpoints. Its worker fetches this file with the first of them. */
import { cacheStorageStore } from "./checkpoint/sources/cache-storage-store.ts";
import { decodeInBrowser } from "./image/decode-browser.ts";
import { PictureLab } from "./runtime/lab/picture-lab.ts";

/** `models`: absolute URL of the folder of embedded models, with a trailing slash. */
export const openPictureLab = (models: string): PictureLab =>
  new PictureLab({ models, store: cacheStorageStore() }, decodeInBrowser);
