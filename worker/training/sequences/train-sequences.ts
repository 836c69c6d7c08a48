import { dispose, variableGrads, type Tensor } from "@tensorflow/tfjs-core";
import { VisionError } from "../../contract/errors.ts";
import type { Pause } from "../../contract/turns.ts";
import { registerGradients } from "../../kernels/gradients.ts";
import { clipGradients } from "../clip-gradients.ts";
import { takeScalars } from "../../layers/take-values.ts";
import { createAdam } from "../optimisers/adam.ts";
import type { Optimiser } from "../optimisers/optimiser.ts";
import { rateAt, type Schedule } from "../schedules.ts";
import { streamOf } from "../streams.ts";
import { batchOf } from "./sequence-batch.ts";
import type { SequenceTask } from "./sequence-task.ts";
import type { TrainableSequences } from "./trainable-sequences.ts";

/** How a model of sequences learns, with Adam. */
export type SequenceRecipe = {
  readonly updates: number;
  readonly batch: number; // examples
  readonly rate: number; // the schedule's base
  readonly schedule: Schedule;
  readonly clip: number; // largest norm of all gradients together
  readonly dropout: number; // 0 to 1
  readonly seed: number; // a whole number below 2^32
};

export type SequenceReport = {
  readonly update: number; // counted from 1
  readonly of: number;
  readonly loss: number; // nats a word
  readonly rate: number;
  readonly norm: number; // of all gradients together, before clipping
};

export type SequenceTraining = {
  readonly model: TrainableSequences; // remains the caller's
  readonly task: SequenceTask;
  readonly recipe: SequenceRecipe;
  /** Awaited after every update; throw from it to stop. The model then stands as the last update left it. */
  readonly pause: Pause;
  readonly tell: (report: SequenceReport) => void;
};

/** A run of sequences draws for nothing else. */
const STREAMS = { examples: 1, masks: 2 } as const;

/**
 * Trains a model for the updates of its recipe, each on a batch of its own. What is drawn depends on seed and update
 * alone. Throws what `pause` and `tell` throw, and `training-diverged`; then no tensor is left behind either.
 */
export async function trainSequences({ model, task, recipe, pause, tell }: SequenceTraining): Promise<void> {
  registerGradients();
  const groupOf = () => ({ rate: 1, decay: 0 });
  const optimiser = createAdam({ parameters: model.parameters, groupOf }, { betas: [0.9, 0.98], epsilon: 1e-9 });
  try {
    for (let update = 0; update < recipe.updates; update++) {
      const rate = recipe.rate * rateAt(recipe.schedule, update, recipe.updates);
      const learned = await learn(model, task, recipe, optimiser, rate);
      tell({ update: update + 1, of: recipe.updates, rate, ...learned });
      await pause();
    }
  } finally {
    optimiser.dispose();
  }
}

/** One update. */
async function learn(
  model: TrainableSequences,
  task: SequenceTask,
  { batch, clip, dropout, seed }: SequenceRecipe,
  optimiser: Optimiser,
  rate: number,
): Promise<{ loss: number; norm: number }> {
  const update = optimiser.steps;
  const random = streamOf(seed, STREAMS.examples, update);
  const examples = Array.from({ length: batch }, () => task.draw(random));
  const dropping = dropout > 0 ? { rate: dropout, random: streamOf(seed, STREAMS.masks, update) } : null;
  const variables = [...model.parameters.values()];
  const { value, grads } = variableGrads(() => model.loss(batchOf(task, examples), dropping), variables);
  const named = new Map<string, Tensor>([...model.parameters].map(([name, { name: key }]) => [name, grads[key]!]));
  const { gradients, norm } = clipGradients(named, clip);
  dispose(grads);
  const [loss, length] = (await takeScalars([value, norm])) as [number, number];
  try {
    if (!Number.isFinite(loss) || !Number.isFinite(length)) {
      const message = `update ${update + 1}: the loss is ${loss}, the gradients' norm ${length}; lower the rate or warm up longer`;
      throw new VisionError("training-diverged", message);
    }
    optimiser.step(gradients, rate);
  } finally {
    dispose([...gradients.values()]);
  }
  return { loss, norm: length };
}
