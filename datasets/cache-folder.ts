import { homedir } from "node:os";
import { join } from "node:path";

/** Where programs keep what can be made again: `$XDG_CACHE_HOME/patchlight`, else `~/.cache/patchlight`. */
export const cacheFolder = (): string => join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "patchlight");
