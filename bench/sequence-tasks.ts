/**
 * What models of sequences learn of dates, or of words to be written backwards, on wasm in one thread: exact match on a
 * thousand unseen examples, after so many updates, seconds, and seconds of the processor. The LSTM without attention
 * gets as much of the processor as the one with it.
 *
 *   npm run bench:sequences -- [dates|words] [attention,no-attention,transformer] [updates] [seed]
 */
import { argMax, tidy } from "@tensorflow/tfjs-core";
import { nodeBackends } from "../src/node/backends.ts";
import { createRandom } from "../worker/contract/random.ts";
import { START } from "../worker/training/sequences/alphabet.ts";
import { answerAll, exactMatch, exactMatchByLength, type Answer } from "../worker/training/sequences/answer.ts";
import { dateTask } from "../worker/training/sequences/date-task.ts";
import { initialSequences } from "../worker/training/sequences/initial-sequences.ts";
import { lessonConfig, lessonRecipe, type LessonModel } from "../worker/training/sequences/lessons.ts";
import type { SequenceTask } from "../worker/training/sequences/sequence-task.ts";
import { trainSequences } from "../worker/training/sequences/train-sequences.ts";
import { trainableSequences, type TrainableSequences } from "../worker/training/sequences/trainable-sequences.ts";
import { reversalTask } from "../worker/training/sequences/word-task.ts";

const TRIAL = 12; // updates that tell a model's pace

const [, , taskName = "dates", models = "attention,no-attention,transformer", updates = "500", seed = "1"] =
  process.argv;
const pause = (): Promise<void> => new Promise(setImmediate);
const processorSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

function create(model: LessonModel, task: SequenceTask): TrainableSequences {
  const config = lessonConfig(model, task);
  const values = initialSequences(config, createRandom(Number(seed)));
  return trainableSequences(config, (name) => values.get(name)!);
}

type Spent = { readonly seconds: number; readonly processor: number };

async function learn(model: TrainableSequences, kind: LessonModel, task: SequenceTask, count: number): Promise<Spent> {
  const [start, used] = [performance.now(), processorSeconds()];
  const recipe = lessonRecipe(kind, Number(seed), count);
  const tell = ({ update, loss }: { update: number; loss: number }): void => {
    if (update % 50 === 0) console.error(`${kind}: update ${update} of ${count}, loss ${loss.toFixed(4)}`);
  };
  await trainSequences({ model, task, recipe, pause, tell });
  return { seconds: (performance.now() - start) / 1000, processor: processorSeconds() - used };
}

/** Processor seconds of one update; the first two, which compile, do not count. */
async function paceOf(kind: LessonModel, task: SequenceTask): Promise<number> {
  const model = create(kind, task);
  await learn(model, kind, task, 2);
  const { processor } = await learn(model, kind, task, TRIAL);
  model.dispose();
  return processor / TRIAL;
}

/** Share of answers that the model gives again when it is shown all of each at once, without a cache. */
async function sameUncached(
  model: TrainableSequences,
  task: SequenceTask,
  answers: readonly Answer[],
): Promise<number> {
  let same = 0;
  for (const { source, written } of answers) {
    const words = [START, ...task.target.encode(written)];
    const likeliest = await model.withModel((current) => {
      const told = tidy(() => argMax(current.write(current.read([task.source.encode(source)]), [words]).logits, 2)); // [1, T]
      return told.data<"int32">().finally(() => told.dispose());
    });
    same += task.target.decode([...likeliest].slice(0, -1)) === written ? 1 : 0;
  }
  return same / answers.length;
}

async function measure(kind: LessonModel, task: SequenceTask, count: number): Promise<Spent> {
  const model = create(kind, task);
  const spent = await learn(model, kind, task, count);
  const answers = await answerAll(model, task, task.heldOut, pause);
  const line = {
    model: kind,
    updates: count,
    seconds: Number(spent.seconds.toFixed(1)),
    processorSeconds: Number(spent.processor.toFixed(1)),
    exactMatch: exactMatch(answers),
    byLength: exactMatchByLength(answers),
    sameUncached: await sameUncached(model, task, answers.slice(0, 200)),
  };
  console.log(JSON.stringify(line));
  model.dispose();
  return spent;
}

async function compare(): Promise<void> {
  await nodeBackends[0]!.start(() => undefined);
  const task = taskName === "words" ? reversalTask(Number(seed)) : dateTask(Number(seed));
  const chosen = models.split(",") as LessonModel[];
  const budget = Number(updates);
  for (const kind of chosen) {
    const share = kind === "no-attention" ? (await paceOf("attention", task)) / (await paceOf(kind, task)) : 1;
    await measure(kind, task, Math.round(budget * share));
  }
}

await compare();
