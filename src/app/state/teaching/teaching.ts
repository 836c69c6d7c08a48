import { batch, computed, signal, type ReadonlySignal } from "@preact/signals";
import type { Head, Vision } from "../../../index.ts";
import { describeFailure, isCancelled, isPictureFault, type Failure } from "../failure.ts";
import { headedChoice, headOf, type ModelChoice } from "../models/model-choices.ts";
import type { LoadedModel } from "../models/model-loader.ts";
import type { Models } from "../models/models.ts";
import { filesByName, type OwnClasses } from "./own-classes.ts";
import { readClasses, writeClasses } from "./saved-classes.ts";

/** How far teaching has come, in pictures. */
export type TeachingRun = { readonly seen: number; readonly of: number };

export type TeachingTools = {
  readonly vision: () => Vision;
  readonly models: Pick<Models, "current" | "find" | "load">;
  readonly ownClasses: OwnClasses;
  readonly announce: (text: string) => void;
};

/** Classes of the visitor's own, taught to the model in use with a few pictures of each. */
export type Teaching = OwnClasses & {
  readonly isReady: ReadonlySignal<boolean>; // nothing is missing, and there is a model to teach
  readonly run: ReadonlySignal<TeachingRun | null>;
  readonly failure: ReadonlySignal<Failure | null>;
  readonly inUse: ReadonlySignal<Head | null>; // null: the model in use has the classes it came with
  /** Teaches the model in use, and brings what comes of it into use. */
  readonly teach: () => Promise<void>;
  readonly cancel: () => void;
  /** The text of a file with the classes in use, or null where they are not the visitor's own. */
  readonly save: () => string | null;
  /** Brings classes that were saved into use, with the model they go with. */
  readonly open: (file: File) => Promise<void>;
};

export const createTeaching = ({ vision, models, ownClasses, announce }: TeachingTools): Teaching => {
  const run = signal<TeachingRun | null>(null);
  const failure = signal<Failure | null>(null);
  let underWay: AbortController | null = null;

  const fail = (told: Failure): void => {
    failure.value = told;
    announce(`${told.title} ${told.advice}`);
  };

  const use = (choice: ModelChoice): Promise<void> => models.load(choice, fail);

  /** Null where nothing came of it. */
  const learn = async ({ info: model }: LoadedModel, abort: AbortController): Promise<Head | null> => {
    const pictures = filesByName(ownClasses.classes.peek());
    const of = Object.values(pictures).flat().length;
    const tell = (seen: number): void => void (run.value = { seen, of });
    batch(() => {
      tell(0);
      failure.value = null;
    });
    try {
      return await vision().teach(pictures, { model, signal: abort.signal, onProgress: ({ loaded }) => tell(loaded) });
    } catch (error) {
      if (!isCancelled(error)) fail(describeTeachingFailure(error));
      return null;
    } finally {
      run.value = null;
    }
  };

  return {
    ...ownClasses,
    isReady: computed(() => models.current.value !== null && ownClasses.missing.value === ""),
    run,
    failure,
    inUse: computed(() => models.current.value && headOf(models.current.value.choice)),
    async teach() {
      const model = models.current.peek(); // another may be in use when the teaching is over
      if (!model || underWay) return;
      underWay = new AbortController();
      const head = await learn(model, underWay);
      underWay = null;
      if (head) await use(headedChoice(model.choice, head));
    },
    cancel: () => underWay?.abort(),
    save() {
      const model = models.current.peek();
      return model && writeClasses(model.choice);
    },
    async open(file) {
      failure.value = null;
      try {
        const { head, model } = readClasses(await file.text());
        const choice = model === null ? models.current.peek()?.choice : models.find(model);
        if (choice) await use(headedChoice(choice, head, file.name));
        else fail(describeMissingModel(model ?? ""));
      } catch (error) {
        const told = describeFailure(error);
        fail({ ...told, ...NO_CLASSES, detail: `${file.name}: ${told.detail}` });
      }
    },
  };
};

const NO_CLASSES = { title: "That file holds no classes.", advice: "Choose one that was saved here." };

const describeTeachingFailure = (error: unknown): Failure => {
  const told = describeFailure(error);
  if (!isPictureFault(told)) return told;
  return { ...told, title: "A picture cannot be read.", advice: "Take it out of its class, then teach again." };
};

/** A file names any model; the page loads those that it offers. */
const describeMissingModel = (value: string): Failure => {
  const name = value.replace(/^(?:hf|files):/, "");
  return {
    code: "model-not-loaded",
    title: "These classes go with another model.",
    advice: `Load ${name} first, then open them again.`,
    detail: value,
  };
};
