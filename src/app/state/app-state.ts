import { signal, type ReadonlySignal, type Signal } from "@preact/signals";
import type { BackendChoice } from "../../index.ts";
import { createActivity, type Activity } from "./activity.ts";
import { createAnnouncer, type Announcer } from "./announcer.ts";
import { createEngine, type Engine, type StartVision } from "./engine.ts";
import { createModels, type Models } from "./models.ts";
import type { PhotoSource } from "./photo.ts";
import { createPhotos, type Photos } from "./photos.ts";
import { createThumbnails, type DrawThumbnail } from "./thumbnails.ts";

/** How many predictions a photo shows. */
const TOP_K = 5;

export type AppTools = {
  readonly startVision: StartVision;
  readonly backend: BackendChoice;
  readonly drawThumbnail: DrawThumbnail;
  readonly fetchPicture: (url: URL, signal: AbortSignal) => Promise<Blob>;
};

/** Everything the page knows. Components read its signals and call its verbs; no DOM in here. */
export type AppState = Announcer & {
  readonly engine: Engine;
  readonly models: Models;
  readonly photos: Photos;
  readonly activity: ReadonlySignal<Activity | null>;
  readonly cameraOpen: Signal<boolean>;
  readonly intakeNote: Signal<string>; // what became of the files given last, where not all were taken
  readonly start: () => Promise<void>;
  readonly dispose: () => Promise<void>;
};

export const createAppState = ({ startVision, backend, drawThumbnail, fetchPicture }: AppTools): AppState => {
  const announcer = createAnnouncer();
  const { announce } = announcer;
  const intakeNote = signal("");
  const engine = createEngine(startVision, backend);
  const models: Models = createModels({ vision: engine.vision, announce, onChange: () => photos.classifyAgain() });
  const photos: Photos = createPhotos({
    model: () => models.current.peek()?.info ?? null,
    classify: async (picture, model, abort) => {
      const vision = engine.vision.peek();
      if (!vision) throw new DOMException("The page is closing.", "AbortError");
      return vision.classify(picture, { model, topK: TOP_K, signal: abort });
    },
    fetchPicture,
    thumbnails: createThumbnails(drawThumbnail),
    announce,
  });

  /** Photos given after a model failed go to the one in use: the failure is over. */
  const addPhotos = (sources: readonly PhotoSource[]): void => {
    if (models.current.peek()) models.dismissFailure();
    intakeNote.value = "";
    photos.add(sources);
  };

  return {
    ...announcer,
    engine,
    models,
    photos: { ...photos, add: addPhotos },
    activity: createActivity(models, photos),
    cameraOpen: signal(false),
    intakeNote,
    async start() {
      await engine.start();
      const failure = engine.failure.peek();
      if (failure) announce(`${failure.title} ${failure.advice}`);
      else await models.start();
    },
    async dispose() {
      photos.removeAll();
      await engine.dispose();
    },
  };
};
