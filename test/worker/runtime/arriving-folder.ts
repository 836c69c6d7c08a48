import { WEIGHTS_FILE } from "../../../worker/checkpoint/weight-files.ts";
import { abortError } from "../../../worker/contract/errors.ts";
import type { ModelFolder, ReadOptions } from "../../../worker/contract/model-folder.ts";
import { withResolvers } from "../../setup/with-resolvers.ts";

/** The same folder, whose weights come as a test says. */
export async function arrivingFolder(whole: ModelFolder) {
  let bytes = (await whole.read(WEIGHTS_FILE))!;
  let file = new Uint8Array(bytes.length);
  let options: ReadOptions = {};
  let settle: { readonly resolve: (file: Uint8Array<ArrayBuffer>) => void; readonly reject: (error: Error) => void };
  const asked = withResolvers();
  const read: ModelFolder["read"] = (path, given) => {
    if (path !== WEIGHTS_FILE) return whole.read(path, given);
    options = given ?? {};
    return new Promise((resolve, reject) => {
      settle = { resolve, reject };
      options.signal?.addEventListener("abort", () => reject(abortError()));
      asked.resolve();
    });
  };
  return {
    folder: { ...whole, read },
    get total() {
      return bytes.length;
    },
    asked: asked.promise,
    /** The first `arrived` bytes are there. */
    come(arrived: number): void {
      file.set(bytes.subarray(0, arrived));
      options.onArrived?.(file, arrived);
    },
    /** The download begins again, with other bytes. */
    beginAnew(others: Uint8Array<ArrayBuffer>): void {
      bytes = others;
      file = new Uint8Array(bytes.length);
    },
    /** All of it is there, however much was told of before. */
    end(): void {
      file.set(bytes);
      settle.resolve(file);
    },
    fail: (error: Error) => settle.reject(error),
  };
}
