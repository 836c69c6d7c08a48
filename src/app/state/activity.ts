import { computed, type ReadonlySignal } from "@preact/signals";
import { formatBytes } from "../format.ts";
import type { Inquiry } from "./looking/inquiry.ts";
import { METHOD_WORDS } from "./looking/methods.ts";
import type { Trials } from "./looking/trials.ts";
import type { Captions } from "./describing/captions.ts";
import type { ModelLoad } from "./models/model-loader.ts";
import type { Models } from "./models/models.ts";
import { isUnfinished } from "./photo.ts";
import type { Photos } from "./photos.ts";

/** The one thing under way that a visitor can watch and cancel. */
export type Activity = {
  readonly label: string;
  readonly amount: string; // "1.2 MB of 2.5 MB"
  readonly value: number | null; // null: nobody knows how far
  readonly max: number;
  readonly cancel: () => void;
};

export type ActivitySources = {
  readonly models: Models;
  readonly photos: Photos;
  readonly captions: Pick<Captions, "left" | "finished" | "cancelAll">;
  readonly looks: readonly Pick<Inquiry<unknown>, "busy" | "cancel">[];
  readonly trials: Pick<Trials, "trying" | "cancel">;
};

/** A model being loaded comes first: the photos wait for it. */
export const createActivity = (sources: ActivitySources): ReadonlySignal<Activity | null> =>
  computed(() => {
    const load = sources.models.loading.value;
    if (load) return { ...describeLoad(load), cancel: sources.models.cancel };
    return (
      describePhotos(sources) ??
      describeCaptions(sources.captions) ??
      describeTrial(sources.trials) ??
      describeLook(sources.looks)
    );
  });

const describePhotos = ({ models, photos }: ActivitySources): Activity | null => {
  const left = photos.list.value.filter(isUnfinished).length;
  if (left === 0 || models.current.value === null) return null;
  return describeRun("Classifying", left, photos.finished.value, photos.cancelAll);
};

const describeCaptions = ({ left, finished, cancelAll }: ActivitySources["captions"]): Activity | null =>
  left.value === 0 ? null : describeRun("Describing", left.value, finished.value, cancelAll);

/** One photo after another. */
const describeRun = (verb: string, left: number, done: number, cancel: () => void): Activity => {
  const max = done + left;
  const many = max > 1;
  const label = many ? `${verb} photos` : verb;
  return { label, amount: many ? `${done} of ${max}` : "", value: many ? done : null, max, cancel };
};

const describeTrial = ({ trying, cancel }: ActivitySources["trials"]): Activity | null => {
  const now = trying.value;
  if (!now) return null;
  const label = `Testing ${METHOD_WORDS[now.method].title}`;
  return { label, amount: "", value: now.done, max: now.total, cancel };
};

const describeLook = (looks: ActivitySources["looks"]): Activity | null => {
  const busy = looks.filter((look) => look.busy.value);
  if (busy.length === 0) return null;
  return {
    label: "Finding where it looked",
    amount: "",
    value: null,
    max: 1,
    cancel: () => busy.forEach(({ cancel }) => cancel()),
  };
};

/** A configuration is here in a blink: its bar would be full, then start anew for the weights. */
const WORTH_SHOWING = 64_000; // bytes

type Description = Omit<Activity, "cancel">;

export const describeLoad = ({ choice, progress }: ModelLoad): Description => {
  if (!progress || progress.stage !== "download") {
    return { label: `Preparing ${choice.title}`, amount: "", ...share(progress?.loaded ?? 0, progress?.total ?? null) };
  }
  const { loaded, total, fromCache } = progress;
  const label = `${fromCache ? "Reading" : "Downloading"} ${choice.title}`;
  if ((total ?? loaded) < WORTH_SHOWING) return { label, amount: "", ...share(0, null) };
  const amount = total === null ? formatBytes(loaded) : `${formatBytes(loaded)} of ${formatBytes(total)}`;
  return { label, amount, ...share(loaded, total) };
};

const share = (loaded: number, total: number | null): Pick<Description, "value" | "max"> =>
  total === null || total <= 0 ? { value: null, max: 1 } : { value: Math.min(loaded, total), max: total };
