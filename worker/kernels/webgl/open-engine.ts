import { VisionError } from "../../contract/errors.ts";
import type { Precision } from "../../contract/precision.ts";
import type { Engine, EngineRun } from "../engine.ts";
import type { AwaitParameters } from "../parameter-reader.ts";
import type { Matrices } from "./matrices.ts";
import type { Program } from "./programs.ts";

export type WebglEngineOptions = {
  readonly gl: WebGL2RenderingContext; // with EXT_color_buffer_float
  /** Awaited before every block of weights. */
  readonly there?: AwaitParameters | undefined;
  readonly precision?: Precision | undefined; // "float32" by default
};

/** What a built engine does. */
type Runs<Stage extends string, Run extends EngineRun<Stage>> = Pick<Engine<Stage, Run>, "run"> & {
  readonly warmUp: () => void;
};

/**
 * An engine that runs as `build` gives it, once all programs can draw. Throws `context-lost`; whatever is thrown, the
 * matrices are gone.
 */
export async function openEngine<Stage extends string, Run extends EngineRun<Stage>>(
  matrices: Matrices,
  programs: readonly Program[],
  build: () => Promise<Runs<Stage, Run>>,
): Promise<Engine<Stage, Run>> {
  try {
    let runs: Runs<Stage, Run> | null = await build();
    for (const program of programs) await program.ready();
    if (matrices.gl.isContextLost())
      throw new VisionError("context-lost", "The GPU went away while a model was loaded.");
    return {
      run: async (images, wanted) => {
        if (runs) return runs.run(images, wanted);
        throw new VisionError("disposed", "The model has been released.");
      },
      warmUp() {
        runs?.warmUp();
        matrices.gl.flush();
      },
      bytes: () => matrices.bytes,
      release() {
        runs = null;
        matrices.freeAll();
      },
    };
  } catch (error) {
    matrices.freeAll();
    throw error;
  }
}
