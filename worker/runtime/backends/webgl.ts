import { setWebGLContext } from "@tensorflow/tfjs-backend-webgl";
import { env, setBackend } from "@tensorflow/tfjs-core";
import type { BackendDriver } from "./driver.ts";

/** Names of WebGL renderers that run on the CPU; `failIfMajorPerformanceCaveat` does not tell them. */
const SOFTWARE_RENDERERS = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/** Free textures beyond this many bytes are given back, or hundreds of input shapes would keep hundreds of MB. */
const IDLE_TEXTURE_BYTES = 64 * 1024 * 1024;

/** As tfjs itself asks for it. */
const CONTEXT_ATTRIBUTES: WebGLContextAttributes = {
  alpha: false,
  antialias: false,
  premultipliedAlpha: false,
  preserveDrawingBuffer: false,
  depth: false,
  stencil: false,
  powerPreference: "high-performance",
};

function openContext(onLost: (reason: string) => void): WebGL2RenderingContext {
  if (typeof OffscreenCanvas === "undefined") throw new Error("This browser has no OffscreenCanvas.");
  const canvas = new OffscreenCanvas(1, 1);
  canvas.addEventListener("webglcontextlost", () => onLost("The browser took the GPU away (WebGL context lost)."));
  const gl = canvas.getContext("webgl2", CONTEXT_ATTRIBUTES);
  if (!gl) throw new Error("This browser gives no WebGL2 context to a worker.");
  if (!gl.getExtension("EXT_color_buffer_float")) throw new Error("This GPU cannot render to float textures.");
  return gl;
}

function rendererName(gl: WebGL2RenderingContext): string {
  const extension = gl.getExtension("WEBGL_debug_renderer_info");
  return String(gl.getParameter(extension ? extension.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
}

function mark(gl: WebGL2RenderingContext): () => boolean {
  const sync = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
  gl.flush();
  let done = sync === null; // a lost context gives no fence
  return () => {
    if (done) return true;
    done = gl.isContextLost() || gl.getSyncParameter(sync!, gl.SYNC_STATUS) === gl.SIGNALED;
    if (done) gl.deleteSync(sync);
    return done;
  };
}

/** Empties the context's list of errors, in which each kind stands once. */
function ranOutOfMemory(gl: WebGL2RenderingContext): boolean {
  let found = false;
  for (let error = gl.getError(); error !== gl.NO_ERROR; error = gl.getError()) {
    if (error === gl.CONTEXT_LOST_WEBGL) return found;
    found ||= error === gl.OUT_OF_MEMORY;
  }
  return found;
}

/** The GPU through WebGL2, float32 textures only. */
export const webglBackend: BackendDriver = {
  name: "webgl",
  async start(onLost) {
    const gl = openContext(onLost);
    setWebGLContext(2, gl); // our own context: tfjs refuses OffscreenCanvas on Safari, and we watch it for loss
    env().set("WEBGL_DELETE_TEXTURE_THRESHOLD", IDLE_TEXTURE_BYTES);
    if (!(await setBackend("webgl"))) throw new Error("tfjs could not start WebGL on this GPU.");
    if (!env().getBool("WEBGL_RENDER_FLOAT32_ENABLED")) throw new Error("This GPU computes in half precision only.");
    const renderer = rendererName(gl);
    return {
      renderer,
      software: SOFTWARE_RENDERERS.test(renderer),
      threads: 1,
      mark: () => mark(gl),
      isLost: () => gl.isContextLost(),
      ranOutOfMemory: () => ranOutOfMemory(gl),
    };
  },
};
