import { computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import type { Thumbnails } from "../thumbnails.ts";

/** One picture of a class. The file keeps its name, by which a failure is told. */
export type OwnPicture = {
  readonly id: number;
  readonly file: File;
  readonly thumbnail: Signal<string | null>; // object URL of a small copy
};

/** A class that is being taught. */
export type OwnClass = { readonly id: number; readonly name: string; readonly pictures: readonly OwnPicture[] };

/** The classes that somebody names and gives pictures of. */
export type OwnClasses = {
  readonly classes: ReadonlySignal<readonly OwnClass[]>;
  readonly missing: ReadonlySignal<string>; // what they lack before they can be taught, for people; "": nothing
  readonly add: () => void;
  readonly remove: (id: number) => void;
  readonly rename: (id: number, name: string) => void;
  readonly addPictures: (id: number, files: readonly File[]) => void;
  readonly removePicture: (id: number, picture: OwnPicture) => void;
};

export const createOwnClasses = (thumbnails: Thumbnails): OwnClasses => {
  let lastClass = 2;
  let lastPicture = 0;
  const classes = signal<readonly OwnClass[]>([1, 2].map(emptyClass));

  const change = (id: number, next: (own: OwnClass) => OwnClass): void => {
    classes.value = classes.peek().map((own) => (own.id === id ? next(own) : own));
  };

  return {
    classes,
    missing: computed(() => tellMissing(classes.value)),
    add: () => (classes.value = [...classes.peek(), emptyClass(++lastClass)]),
    remove(id) {
      const gone = classes.peek().find((own) => own.id === id);
      classes.value = classes.peek().filter((own) => own !== gone);
      gone?.pictures.forEach(thumbnails.revoke);
    },
    rename: (id, name) => change(id, (own) => ({ ...own, name })),
    addPictures(id, files) {
      const added = files.map((file) => ({ id: ++lastPicture, file, thumbnail: signal<string | null>(null) }));
      change(id, (own) => ({ ...own, pictures: [...own.pictures, ...added] }));
      for (const picture of added) void thumbnails.make(picture, picture.file);
    },
    removePicture(id, picture) {
      change(id, (own) => ({ ...own, pictures: own.pictures.filter((other) => other !== picture) }));
      thumbnails.revoke(picture);
    },
  };
};

/** By the name it is taught under. */
export const filesByName = (classes: readonly OwnClass[]): Readonly<Record<string, readonly File[]>> =>
  Object.fromEntries(classes.map((own) => [own.name.trim(), own.pictures.map(({ file }) => file)]));

const emptyClass = (id: number): OwnClass => ({ id, name: "", pictures: [] });

const tellMissing = (classes: readonly OwnClass[]): string => {
  const names = classes.map(({ name }) => name.trim());
  if (names.filter((name) => name !== "").length < 2) return "Name two classes first.";
  const unnamed = names.indexOf("");
  if (unnamed >= 0) return `Class ${unnamed + 1} has no name yet.`;
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice !== undefined) return `Two classes are named ${twice}.`;
  const empty = names.filter((_, at) => classes[at]?.pictures.length === 0);
  return empty.length > 0 ? `Pictures are missing in ${empty.join(", ")}.` : "";
};
