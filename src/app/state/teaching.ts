import { batch, computed, signal, type ReadonlySignal } from "@preact/signals";
import type { Head, TaughtHead, Vision } from "../../index.ts";
import { describeFailure, isCancelled, type Failure } from "./failure.ts";
import { headedChoice } from "./model-choices.ts";
import type { Models } from "./models.ts";

/** A class that is being taught. */
export type Lesson = { readonly id: number; readonly name: string; readonly pictures: readonly Blob[] };

/** How far teaching has come, in pictures. */
export type TeachingRun = { readonly seen: number; readonly of: number };

export type TeachingTools = {
  readonly vision: () => Vision;
  readonly models: Pick<Models, "current" | "load">;
  readonly announce: (text: string) => void;
};

/** Classes of the visitor's own, taught to the model in use with a few pictures of each. */
export type Teaching = {
  readonly lessons: ReadonlySignal<readonly Lesson[]>;
  readonly isReady: ReadonlySignal<boolean>; // two or more, each with a name of its own and pictures
  readonly run: ReadonlySignal<TeachingRun | null>;
  readonly failure: ReadonlySignal<Failure | null>;
  readonly taught: ReadonlySignal<TaughtHead | null>;
  readonly add: () => void;
  readonly remove: (id: number) => void;
  readonly rename: (id: number, name: string) => void;
  readonly addPictures: (id: number, pictures: readonly Blob[]) => void;
  /** Teaches the model in use, and brings what comes of it into use. */
  readonly teach: () => Promise<void>;
  readonly cancel: () => void;
  /** Brings a head that was saved into use, with the model in use. */
  readonly open: (name: string, text: string) => Promise<void>;
};

export const createTeaching = ({ vision, models, announce }: TeachingTools): Teaching => {
  let lastId = 2;
  const lessons = signal<readonly Lesson[]>([1, 2].map(emptyLesson));
  const run = signal<TeachingRun | null>(null);
  const failure = signal<Failure | null>(null);
  const taught = signal<TaughtHead | null>(null);
  let underWay: AbortController | null = null;

  const change = (id: number, next: (lesson: Lesson) => Lesson): void => {
    lessons.value = lessons.peek().map((lesson) => (lesson.id === id ? next(lesson) : lesson));
  };

  const use = (head: Head): Promise<void> | undefined => {
    const current = models.current.peek();
    return current ? models.load(headedChoice(current.choice.source, head)) : undefined;
  };

  return {
    lessons,
    isReady: computed(() => models.current.value !== null && canBeTold(lessons.value)),
    run,
    failure,
    taught,
    add: () => (lessons.value = [...lessons.peek(), emptyLesson(++lastId)]),
    remove: (id) => (lessons.value = lessons.peek().filter((lesson) => lesson.id !== id)),
    rename: (id, name) => change(id, (lesson) => ({ ...lesson, name })),
    addPictures: (id, pictures) => change(id, (lesson) => ({ ...lesson, pictures: [...lesson.pictures, ...pictures] })),
    async teach() {
      const current = models.current.peek();
      if (!current || underWay) return;
      const abort = new AbortController();
      underWay = abort;
      const pictures = Object.fromEntries(lessons.peek().map((lesson) => [lesson.name.trim(), lesson.pictures]));
      const of = lessons.peek().reduce((sum, lesson) => sum + lesson.pictures.length, 0);
      batch(() => {
        run.value = { seen: 0, of };
        failure.value = null;
      });
      try {
        const onProgress = ({ loaded }: { readonly loaded: number }) => void (run.value = { seen: loaded, of });
        const head = await vision().teach(pictures, { model: current.info, signal: abort.signal, onProgress });
        taught.value = head;
        await use(head);
      } catch (error) {
        if (!isCancelled(error)) {
          failure.value = describeFailure(error);
          announce(`The classes could not be taught. ${failure.value.title} ${failure.value.advice}`);
        }
      } finally {
        underWay = null;
        run.value = null;
      }
    },
    cancel: () => underWay?.abort(),
    async open(name, text) {
      failure.value = null;
      try {
        await use(JSON.parse(text) as Head);
      } catch (error) {
        failure.value = { ...describeFailure(error), ...NO_HEAD, detail: name };
      }
    },
  };
};

const NO_HEAD = { title: "That file holds no classes.", advice: "Choose one that was saved here." };

const emptyLesson = (id: number): Lesson => ({ id, name: "", pictures: [] });

const canBeTold = (lessons: readonly Lesson[]): boolean => {
  const names = lessons.map(({ name }) => name.trim());
  const isWhole = lessons.every(({ pictures }) => pictures.length > 0) && !names.includes("");
  return isWhole && lessons.length > 1 && new Set(names).size === names.length;
};
