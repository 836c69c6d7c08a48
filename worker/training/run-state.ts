import { tensor, tidy, type Tensor, type Variable } from "@tensorflow/tfjs-core";
import { VisionError } from "../contract/errors.ts";
import type { Validation } from "./evaluate.ts";
import { learnedBy, type Learner } from "./trainable-model.ts";
import type { TrainingRun } from "./training-run.ts";

/** Values on the host, row-major. */
export type StateArray = { readonly shape: readonly number[]; readonly values: Float32Array };

/** How far a run has come; numbers and nulls only. */
export type RunProgress<Judged = Validation> = {
  readonly epoch: number; // the one under way, from 0
  readonly index: number; // updates made in it
  readonly updates: number; // in all
  readonly lossSum: number; // over the updates of this epoch
  readonly best: { readonly epoch: number; readonly validation: Judged } | null;
};

/** All it takes to go on with a run to the same numbers. */
export type RunState<Judged = Validation> = {
  readonly progress: RunProgress<Judged>;
  /** `model.`, `optimiser.`, `average.` and the best epoch's `best.`, each with its own name behind. */
  readonly arrays: ReadonlyMap<string, StateArray>;
};

/** What training changes of a model, by name: parameters that learn, and statistics. */
export type Snapshot = ReadonlyMap<string, StateArray>;

type Run = Pick<TrainingRun<unknown, unknown>, "learner" | "optimiser" | "average">;

/** Reads from the device what training has made of a model. */
export const snapshot = (learner: Learner): Promise<Snapshot> => readAll(learnedBy(learner));

/** Reads a run back from the device. Throws `training-diverged` rather than keep a number that is none any more. */
export async function captureRun<Judged>(
  { learner, optimiser, average }: Run,
  progress: RunProgress<Judged>,
  best: Snapshot | null,
): Promise<RunState<Judged>> {
  const parts: [string, Snapshot][] = [
    ["model", await snapshot(learner)],
    ["optimiser", await readAll(optimiser.state)],
    ["average", await readAll(average?.values ?? new Map<string, Tensor>())],
    ["best", best ?? new Map<string, StateArray>()],
  ];
  const arrays = parts.flatMap(([part, all]) => [...all].map(([name, array]) => [`${part}.${name}`, array] as const));
  for (const [name, { values }] of arrays) {
    if (values.every(Number.isFinite)) continue;
    const message = `update ${progress.updates}: ${name} is too big for a number; lower the rate or clip the gradients, and start in another folder`;
    throw new VisionError("training-diverged", message);
  }
  return { progress, arrays: new Map(arrays) };
}

/** Puts a saved run back, and gives its best epoch. Throws `training-state` where it is of another model or recipe. */
export function restoreRun({ learner, optimiser, average }: Run, state: RunState<unknown>): Snapshot | null {
  const { updates, best } = state.progress;
  assignAll(learnedBy(learner), takePart(state, "model", learnedBy(learner)));
  tidy(() => {
    optimiser.restore(place(takePart(state, "optimiser", optimiser.state)), updates);
    average?.restore(place(takePart(state, "average", average.values)), updates);
  });
  return best && takePart(state, "best", learnedBy(learner));
}

/** Leaves in the model what is to be kept of a run that is over: its best epoch, else the average where there is one. */
export function settleRun({ learner, average }: Run, best: Snapshot | null): void {
  if (best) assignAll(learnedBy(learner), best);
  else average?.swap();
}

async function readAll(tensors: ReadonlyMap<string, Tensor>): Promise<Snapshot> {
  const arrays = new Map<string, StateArray>();
  for (const [name, held] of tensors) {
    const values = await held.data<"float32">();
    arrays.set(name, { shape: held.shape, values: values.slice() }); // cpu gives its own memory
  }
  return arrays;
}

const place = (arrays: Snapshot): Map<string, Tensor> =>
  new Map([...arrays].map(([name, { values, shape }]) => [name, tensor(values, [...shape])]));

function assignAll(variables: ReadonlyMap<string, Variable>, values: Snapshot): void {
  tidy(() => {
    for (const [name, value] of place(values)) variables.get(name)!.assign(value);
  });
}

/** The arrays of one part of a state, which must be those of `wanted` by name and shape. */
function takePart({ arrays }: RunState<unknown>, part: string, wanted: ReadonlyMap<string, Tensor>): Snapshot {
  const taken = new Map<string, StateArray>();
  for (const [name, { shape }] of wanted) {
    const saved = arrays.get(`${part}.${name}`);
    if (saved?.shape.join() !== shape.join()) {
      const got = saved ? `[${saved.shape.join(", ")}]` : "none";
      const message = `saved run: wanted ${part}.${name} [${shape.join(", ")}], got ${got}; it is of another model or recipe: start in another folder`;
      throw new VisionError("training-state", message);
    }
    taken.set(name, saved);
  }
  return taken;
}
