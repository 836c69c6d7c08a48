import { VisionError } from "../../contract/errors.ts";
import { nextTurn } from "../../contract/turns.ts";
import type { Matrix } from "./matrices.ts";

/** One triangle over the whole target, its front to the viewer. */
const VERTEX_SHADER = `#version 300 es
  void main() { gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0, 0, 1); }`;

/** Numbers by the names of a program's uniforms; whole numbers unless in `FLOATS`. */
export type Settings = Readonly<Record<string, number>>;

const FLOATS = new Set(["width", "epsilon", "residual"]);
const SAMPLERS = ["A", "B", "C"] as const;

/** Of tiles of a target, from its line `top` on. */
type Extent = readonly [across: number, down: number, top?: number];

const compiled = new WeakMap<WebGL2RenderingContext, Map<string, Program>>();

/** The one program of a context that is made of this source: models share it, and it stays for those to come. */
export function programOf(gl: WebGL2RenderingContext, source: string): Program {
  const programs = compiled.get(gl) ?? new Map<string, Program>();
  compiled.set(gl, programs);
  const program = programs.get(source) ?? new Program(gl, source);
  programs.set(source, program);
  return program;
}

/** How a pass draws. */
export type Draw = (program: Program, ...drawn: Parameters<Program["draw"]>) => void;

export const drawAll: Draw = (program, ...drawn) => program.draw(...drawn);

/** One tile: a driver does then what it does for a program's first draw alone, and little of the work. */
export const drawOneTile: Draw = (program, target, [, , top], inputs, settings) =>
  program.draw(target, [1, 1, top], inputs, settings);

/** A program that is being compiled; it is asked for its state when all are on their way. */
class Program {
  readonly #program: WebGLProgram;
  readonly #places = new Map<string, WebGLUniformLocation | null>();

  constructor(
    readonly gl: WebGL2RenderingContext,
    readonly source: string,
  ) {
    this.#program = gl.createProgram();
    for (const [type, text] of [
      [gl.VERTEX_SHADER, VERTEX_SHADER],
      [gl.FRAGMENT_SHADER, source],
    ] as const) {
      const shader = gl.createShader(type)!;
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(this.#program, shader);
      gl.deleteShader(shader); // once the program goes
    }
    gl.linkProgram(this.#program);
  }

  /** Resolves when it can draw; lets others work meanwhile where the browser compiles in parallel. */
  async ready(): Promise<void> {
    const { gl } = this;
    const parallel = gl.getExtension("KHR_parallel_shader_compile");
    while (parallel && !gl.isContextLost() && !gl.getProgramParameter(this.#program, parallel.COMPLETION_STATUS_KHR))
      await nextTurn();
    if (gl.getProgramParameter(this.#program, gl.LINK_STATUS) || gl.isContextLost()) return;
    throw new VisionError("internal", `This GPU refused a program: ${gl.getProgramInfoLog(this.#program)}`);
  }

  /** Draws so many tiles of `target`, which is none of `inputs`. */
  draw(target: Matrix, [across, down, top = 0]: Extent, inputs: readonly Matrix[], settings: Settings): void {
    const { gl } = this;
    gl.useProgram(this.#program);
    gl.bindVertexArray(null);
    gl.bindFramebuffer(gl.FRAMEBUFFER, target.frame);
    gl.viewport(0, top, across, down);
    gl.scissor(0, top, across, down);
    inputs.forEach(({ texture, kind }, unit) => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(kind, texture);
      gl.uniform1i(this.#place(SAMPLERS[unit]!), unit);
    });
    for (const [name, value] of Object.entries(settings)) {
      if (FLOATS.has(name)) gl.uniform1f(this.#place(name), value);
      else gl.uniform1i(this.#place(name), value);
    }
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  #place(name: string): WebGLUniformLocation | null {
    if (!this.#places.has(name)) this.#places.set(name, this.gl.getUniformLocation(this.#program, name));
    return this.#places.get(name)!;
  }
}

export type { Program };
