/** A context to draw to float textures in, and left as tfjs leaves its own. */
export function openGl(): WebGL2RenderingContext {
  const gl = new OffscreenCanvas(1, 1).getContext("webgl2")!;
  gl.getExtension("EXT_color_buffer_float");
  gl.enable(gl.SCISSOR_TEST);
  gl.enable(gl.CULL_FACE);
  return gl;
}

const KINDS = ["Texture", "Framebuffer", "Program", "Shader", "Buffer", "VertexArray"] as const;

type Counts = { readonly objects: () => Record<string, number>; readonly draws: () => number };

const counted = new WeakMap<WebGL2RenderingContext, Counts>();

/** Counts a context's objects by kind and its draws, from the first call on. */
export function countObjects(gl: WebGL2RenderingContext): Counts {
  const known = counted.get(gl);
  if (known) return known;
  const live = new Map<string, Set<unknown>>(KINDS.map((kind) => [kind, new Set()]));
  let drawn = 0;
  const methods = gl as unknown as Record<string, (...call: unknown[]) => unknown>;
  const wrap = (name: string, seen: (result: unknown, call: readonly unknown[]) => void): void => {
    const original = methods[name]!.bind(gl);
    methods[name] = (...call) => {
      const result = original(...call);
      seen(result, call);
      return result;
    };
  };
  for (const kind of KINDS) {
    wrap(`create${kind}`, (made) => live.get(kind)!.add(made));
    wrap(`delete${kind}`, (_, [gone]) => live.get(kind)!.delete(gone));
  }
  wrap("drawArrays", () => drawn++);
  const counts = {
    objects: () => Object.fromEntries([...live].map(([kind, all]) => [kind, all.size])),
    draws: () => drawn,
  };
  counted.set(gl, counts);
  return counts;
}
