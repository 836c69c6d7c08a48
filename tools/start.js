/**
 * `npm start`: Vite's development server with the words given, opening the page where there is a screen to open it on.
 * JavaScript, so that nothing stands between npm and the server when it is told to stop.
 */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Without one, Vite's `--open` prints a stack trace. */
function hasDesktop() {
  if (process.platform === "darwin" || process.platform === "win32") return true;
  const screen = process.env.WAYLAND_DISPLAY ?? process.env.DISPLAY ?? "";
  const folders = (process.env.PATH ?? "").split(delimiter);
  return screen !== "" && folders.some((folder) => existsSync(join(folder, "xdg-open")));
}

if (hasDesktop()) process.argv.push("--open");
await import("../node_modules/vite/bin/vite.js");
