import { signal, type ReadonlySignal } from "@preact/signals";

/** What the live region reads out; `turn` changes with every announcement, so that equal texts are read twice. */
export type Announcement = { readonly text: string; readonly turn: number };

export type Announcer = {
  readonly announcement: ReadonlySignal<Announcement>;
  readonly announce: (text: string) => void;
};

export const createAnnouncer = (): Announcer => {
  const announcement = signal<Announcement>({ text: "", turn: 0 });
  return {
    announcement,
    announce(text) {
      announcement.value = { text, turn: announcement.peek().turn + 1 };
    },
  };
};
