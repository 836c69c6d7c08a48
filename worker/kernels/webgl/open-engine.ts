import { VisionError } from "../../contract/errors.ts";
import type { Engine, EngineRun } from "../engine.ts";
import type { Matrices } from "./matrices.ts";
import type { Program } from "./programs.ts";

/**
 * An engine that runs as `build` gives it, once all programs can draw. Throws `context-lost`; whatever is thrown,
 * matrices and programs are gone.
 */
export async function openEngine<Stage extends string, Run extends EngineRun<Stage>>(
  matrices: Matrices,
  programs: readonly Program[],
  build: () => Promise<Engine<Stage, Run>["run"]>,
): Promise<Engine<Stage, Run>> {
  const release = (): void => {
    matrices.freeAll();
    for (const program of programs) program.release();
  };
  try {
    let run: Engine<Stage, Run>["run"] | null = await build();
    for (const program of programs) await program.ready();
    if (matrices.gl.isContextLost())
      throw new VisionError("context-lost", "The GPU went away while a model was loaded.");
    return {
      run: async (images, wanted) => {
        if (run) return run(images, wanted);
        throw new VisionError("disposed", "The model has been released.");
      },
      bytes: () => matrices.bytes,
      release: () => {
        run = null;
        release();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}
