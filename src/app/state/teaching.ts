import { batch, computed, signal, type ReadonlySignal } from "@preact/signals";
import type { Head, TaughtHead, Vision } from "../../index.ts";
import { describeFailure, isCancelled, type Failure } from "./failure.ts";
import { headedChoice } from "./model-choices.ts";
import type { Models } from "./models.ts";

/** A class that is being taught. */
export type OwnClass = { readonly id: number; readonly name: string; readonly pictures: readonly Blob[] };

/** How far teaching has come, in pictures. */
export type TeachingRun = { readonly seen: number; readonly of: number };

export type TeachingTools = {
  readonly vision: () => Vision;
  readonly models: Pick<Models, "current" | "load">;
  readonly announce: (text: string) => void;
};

/** Classes of the visitor's own, taught to the model in use with a few pictures of each. */
export type Teaching = {
  readonly classes: ReadonlySignal<readonly OwnClass[]>;
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
  const classes = signal<readonly OwnClass[]>([1, 2].map(emptyClass));
  const run = signal<TeachingRun | null>(null);
  const failure = signal<Failure | null>(null);
  const taught = signal<TaughtHead | null>(null);
  let underWay: AbortController | null = null;

  const change = (id: number, next: (own: OwnClass) => OwnClass): void => {
    classes.value = classes.peek().map((own) => (own.id === id ? next(own) : own));
  };

  const use = (head: Head): Promise<void> | undefined => {
    const current = models.current.peek();
    return current ? models.load(headedChoice(current.choice.source, head)) : undefined;
  };

  return {
    classes,
    isReady: computed(() => models.current.value !== null && canBeTold(classes.value)),
    run,
    failure,
    taught,
    add: () => (classes.value = [...classes.peek(), emptyClass(++lastId)]),
    remove: (id) => (classes.value = classes.peek().filter((own) => own.id !== id)),
    rename: (id, name) => change(id, (own) => ({ ...own, name })),
    addPictures: (id, pictures) => change(id, (own) => ({ ...own, pictures: [...own.pictures, ...pictures] })),
    async teach() {
      const current = models.current.peek();
      if (!current || underWay) return;
      const abort = new AbortController();
      underWay = abort;
      const pictures = Object.fromEntries(classes.peek().map((own) => [own.name.trim(), own.pictures]));
      const of = classes.peek().reduce((sum, own) => sum + own.pictures.length, 0);
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

const emptyClass = (id: number): OwnClass => ({ id, name: "", pictures: [] });

const canBeTold = (classes: readonly OwnClass[]): boolean => {
  const names = classes.map(({ name }) => name.trim());
  const isWhole = classes.every(({ pictures }) => pictures.length > 0) && !names.includes("");
  return isWhole && classes.length > 1 && new Set(names).size === names.length;
};
