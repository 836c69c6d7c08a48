import { VisionError } from "../../contract/errors.ts";
import type { ModelStore } from "./model-store.ts";

/** The files themselves are at fault: fetched again they may be whole, and kept they would fail for ever. */
const AT_FAULT = /^(?:source-not-json|source-lfs-pointer|(?:config|safetensors|weights|checkpoint)-.+)$/;

/**
 * Passes on what becomes of a load from the folder `origin`; where it fails for what the files hold, the store forgets
 * them first. A failing network and a cancelled call cost no kept file.
 */
export async function forgetRefused<T>(store: ModelStore, origin: string, load: Promise<T>): Promise<T> {
  try {
    return await load;
  } catch (error) {
    if (error instanceof VisionError && AT_FAULT.test(error.code)) await store.forget(origin).catch(() => undefined);
    throw error;
  }
}
