import type { StoredModel } from "../../contract/api.ts";

/** One file of a model folder as it is kept, or the note that the folder had no such file. */
export type StoredFile = {
  readonly state: "whole" | "part" | "absent";
  readonly bytes: Uint8Array<ArrayBuffer>; // the first bytes of a part; none of an absent file
  readonly total: number; // bytes of the whole file
  readonly folder: string; // the origin of the model folder it belongs to
  readonly validator: string | null; // the version these bytes are of: an ETag or a date
};

/** Where model files outlive the worker. Any method may reject: a model loads all the same, only not from here. */
export interface ModelStore {
  get(url: string): Promise<StoredFile | null>;
  put(url: string, file: StoredFile): Promise<void>;
  list(): Promise<StoredModel[]>;
  /** Removes every file of one model folder, named by the `origin` that `list` gives. */
  forget(origin: string): Promise<void>;
}

/** Keeps nothing: for Node, and for pages without Cache Storage. */
export const noStore: ModelStore = {
  get: () => Promise.resolve(null),
  put: () => Promise.resolve(),
  list: () => Promise.resolve([]),
  forget: () => Promise.resolve(),
};
