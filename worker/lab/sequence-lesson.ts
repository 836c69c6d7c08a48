import { LONGEST_TEXT, type Examination, type LessonPlan, type WrittenText } from "../contract/lab.ts";
import { VisionError } from "../contract/errors.ts";
import { createRandom } from "../contract/random.ts";
import type { Pause } from "../contract/turns.ts";
import { writeGreedily } from "../models/seq2seq/write-greedily.ts";
import { answerAll, exactMatch, exactMatchByLength } from "../training/sequences/answer.ts";
import { dateTask } from "../training/sequences/date-task.ts";
import { initialSequences } from "../training/sequences/initial-sequences.ts";
import { lessonConfig, lessonRecipe } from "../training/sequences/lessons.ts";
import { trainSequences, type SequenceReport } from "../training/sequences/train-sequences.ts";
import { trainableSequences } from "../training/sequences/trainable-sequences.ts";
import { reversalTask } from "../training/sequences/word-task.ts";
import { takeMatrix } from "./matrix.ts";

/** A model and its task. It holds the device's memory until `dispose`. */
export type SequenceLesson = {
  /** Once, from the first update to the last. Throws what `pause` throws, behind the update under way. */
  learn(pause: Pause, tell: (report: SequenceReport) => void): Promise<void>;
  examine(pause: Pause): Promise<Examination>;
  /** Throws `invalid-argument` for a text that is empty, too long, or has characters that the task does not know. */
  write(text: string, pause: Pause): Promise<WrittenText>;
  dispose(): void;
};

/** Puts an untrained model on the backend in use. */
export function openLesson(plan: LessonPlan): SequenceLesson {
  const { seed, heldOut } = plan;
  const task = plan.task === "dates" ? dateTask(seed, heldOut) : reversalTask(seed, undefined, heldOut);
  const config = lessonConfig(plan.model, task);
  const values = initialSequences(config, createRandom(seed));
  const model = trainableSequences(config, (name) => values.get(name)!);
  return {
    learn(pause, tell) {
      const recipe = { ...lessonRecipe(plan.model, seed, plan.updates), ...plan.learning };
      return trainSequences({ model, task, recipe, pause, tell });
    },
    async examine(pause) {
      const answers = await answerAll(model, task, task.heldOut, pause);
      return { exactMatch: exactMatch(answers), byLength: exactMatchByLength(answers) };
    },
    async write(text, pause) {
      const source = task.source.encode(text.trim());
      if (source.length > LONGEST_TEXT) {
        const message = `text: expected at most ${LONGEST_TEXT} characters, got ${source.length}`;
        throw new VisionError("invalid-argument", message);
      }
      const { words, weights } = await model.withModel((current) =>
        writeGreedily(current, [source], task.longestTarget + 1, pause),
      );
      return { written: task.target.decode(words[0]!), weights: weights && (await takeMatrix(weights)) };
    },
    dispose: () => model.dispose(),
  };
}
