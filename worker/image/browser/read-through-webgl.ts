import type { TakeRows } from "./take-rows.ts";

const BAND_PIXELS = 2 ** 22; // 16 MB as RGBA

let shared: WebGL2RenderingContext | null = null; // browsers allow few contexts, so one serves every picture

/** Hands out a bitmap's rows exactly as it holds them; false where WebGL is not there or the bitmap is too large for it. */
export function readThroughWebgl(bitmap: ImageBitmap, take: TakeRows): boolean {
  const { width, height } = bitmap;
  const gl = openContext();
  if (gl === null || Math.max(width, height) > gl.getParameter(gl.MAX_TEXTURE_SIZE)) return false;
  const texture = gl.createTexture();
  const framebuffer = gl.createFramebuffer();
  try {
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
    gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
    if (gl.checkFramebufferStatus(gl.FRAMEBUFFER) !== gl.FRAMEBUFFER_COMPLETE) return false;
    return readRows(gl, width, height, take);
  } finally {
    gl.deleteFramebuffer(framebuffer);
    gl.deleteTexture(texture);
  }
}

function readRows(gl: WebGL2RenderingContext, width: number, height: number, take: TakeRows): boolean {
  const rows = Math.min(height, Math.max(1, Math.floor(BAND_PIXELS / width)));
  const band = new Uint8Array(width * rows * 4);
  for (let top = 0; top < height; top += rows) {
    const count = Math.min(rows, height - top);
    gl.readPixels(0, top, width, count, gl.RGBA, gl.UNSIGNED_BYTE, band);
    // A lost context reads as zeros, and so does memory that ran out.
    if (gl.isContextLost() || gl.getError() !== gl.NO_ERROR) return false;
    if (!take(band.subarray(0, width * count * 4))) return false;
  }
  return true;
}

function openContext(): WebGL2RenderingContext | null {
  if (shared === null || shared.isContextLost()) {
    shared = new OffscreenCanvas(1, 1).getContext("webgl2", { antialias: false, depth: false });
  }
  return shared;
}
