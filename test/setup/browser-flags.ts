/**
 * Command-line flags for Chromium on a machine without a screen or a GPU: WebGL through SwiftShader, and no
 * traffic of the browser's own.
 */
export function browserFlags(): string[] {
  const flags = [
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
  ];
  return sandboxUnavailable() ? ["--no-sandbox", ...flags] : flags;
}

/** Chromium refuses its sandbox to root, and most CI containers forbid the calls it needs. */
function sandboxUnavailable(): boolean {
  return process.getuid?.() === 0 || Boolean(process.env.CI);
}
