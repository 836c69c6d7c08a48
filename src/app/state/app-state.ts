import { computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import type { BackendChoice, Heat, Vision } from "../../index.ts";
import { createActivity, type Activity } from "./activity.ts";
import { createAnnouncer, type Announcer } from "./announcer.ts";
import { createCaptions, type Captions } from "./describing/captions.ts";
import { createWordChoice, type WordChoice } from "./describing/word-choice.ts";
import { createWordPlayer } from "./describing/word-player.ts";
import { createEngine, type Engine, type StartVision } from "./engine.ts";
import { createComparison, type Comparison } from "./looking/comparison.ts";
import { createHeadMaps, type HeadMaps } from "./looking/head-maps.ts";
import { createLayerPlayer } from "./looking/layer-player.ts";
import { createLooking, type Looking } from "./looking/looking.ts";
import { createLive, type Live } from "./live.ts";
import type { Part } from "./looking/parts.ts";
import { createSharedView, type SharedView } from "./looking/shared-view.ts";
import { tellLooking } from "./looking/tell-looking.ts";
import { createTrials, type Trials } from "./looking/trials.ts";
import { firstToLoad } from "./models/model-choices.ts";
import { createModels, type Models } from "./models/models.ts";
import { isReadable, type PhotoSource } from "./photo.ts";
import { createPhotos, type Photos } from "./photos.ts";
import type { Player } from "./player.ts";
import { createPutAside, type PutAside } from "./put-aside.ts";
import { createOwnClasses } from "./teaching/own-classes.ts";
import { createTeaching, type Teaching } from "./teaching/teaching.ts";
import { createThumbnails } from "./thumbnails.ts";

/** How many predictions a photo shows. */
const TOP_K = 5;

/** Longest side of a photo's thumbnail: sharp on a phone's screen, and 1 MB as pixels at most. */
const PHOTO_SIDE = 640; // pixels

/** Of one of a class's pictures, of which there may be hundreds. */
const OWN_PICTURE_SIDE = 192; // pixels

export type AppTools = {
  readonly startVision: StartVision;
  readonly backend: BackendChoice;
  readonly drawThumbnail: (picture: Blob, longestSide: number) => Promise<Blob | null>;
  readonly fetchPicture: (url: URL, signal: AbortSignal) => Promise<Blob>;
};

/** Everything the page knows. Components read its signals and call its verbs; no DOM in here. */
export type AppState = Announcer & {
  readonly engine: Engine;
  readonly models: Models;
  readonly photos: Photos;
  readonly teaching: Teaching;
  readonly looking: Looking;
  readonly openParts: Signal<ReadonlySet<Part>>;
  readonly comparison: Comparison;
  readonly headMaps: HeadMaps;
  readonly player: Player; // of layers
  readonly trials: Trials;
  readonly captions: Captions;
  readonly putAside: PutAside;
  readonly failureAtPhoto: ReadonlySignal<boolean>; // what failed was asked for at a photo, and is told there
  readonly words: WordChoice;
  readonly wordPlayer: Player;
  readonly heat: ReadonlySignal<Heat | null>; // over the chosen photo: of a word, else of a class
  readonly shared: SharedView;
  readonly activity: ReadonlySignal<Activity | null>;
  readonly cameraOpen: Signal<boolean>;
  readonly live: Live; // of the camera
  readonly holdsPictures: ReadonlySignal<boolean>; // photos, or those of classes, which are lost with the page
  readonly intakeNote: Signal<string>; // what became of the files given last, where not all were taken
  /** `hash`: of the page's address, which may carry a view and its model. */
  readonly start: (hash?: string) => Promise<void>;
  /** An address that carries a view, followed while the page is open. */
  readonly followLink: (hash: string) => void;
  readonly dispose: () => Promise<void>;
};

export const createAppState = ({ startVision, backend, drawThumbnail, fetchPicture }: AppTools): AppState => {
  const announcer = createAnnouncer();
  const { announce } = announcer;
  const intakeNote = signal("");
  const engine = createEngine(startVision, backend);
  const vision = (): Vision => {
    const running = engine.vision.peek();
    if (!running) throw new DOMException("The page is closing.", "AbortError");
    return running;
  };
  const models: Models = createModels({ vision: engine.vision, announce, onChange: () => photos.classifyAgain() });
  const photos: Photos = createPhotos({
    model: () => models.current.peek()?.info ?? null,
    classify: async (picture, model, abort) => vision().classify(picture, { model, topK: TOP_K, signal: abort }),
    fetchPicture,
    thumbnails: createThumbnails((picture) => drawThumbnail(picture, PHOTO_SIDE)),
    announce,
  });

  const looks = { photos: photos.list, model: computed(() => models.current.value?.info ?? null), vision };
  const looking = createLooking(looks);
  const openParts = signal<ReadonlySet<Part>>(new Set());
  const comparison = createComparison(looking, looks);
  const headMaps = createHeadMaps(
    looking,
    computed(() => openParts.value.has("heads")),
    vision,
  );
  const trials = createTrials(looking, { ...looks, announce });
  const player = createLayerPlayer(looking);
  const endTelling = tellLooking(looking, announce);
  const captions = createCaptions({
    photos: photos.list,
    open: photos.open,
    chosen: looking.chosen,
    captioner: models.captioner,
    classifying: computed(() => models.current.value !== null || models.coming.value),
    vision,
    announce,
  });
  const words = createWordChoice(
    looking.chosen,
    computed(() => JSON.stringify(looking.choice.value)),
  );
  const wordPlayer = createWordPlayer(words);
  const shared = createSharedView(looking, models);
  const ownClasses = createOwnClasses(createThumbnails((picture) => drawThumbnail(picture, OWN_PICTURE_SIDE)));

  let lastHash = "";
  const follow = (hash: string) => shared.follow((lastHash = hash));

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
    teaching: createTeaching({ vision, models, ownClasses, announce }),
    looking,
    openParts,
    comparison,
    headMaps,
    player,
    trials,
    captions,
    putAside: createPutAside(photos, captions, models),
    failureAtPhoto: computed(() => {
      const photo = looking.chosen.value;
      return models.describerState.value.kind === "failed" && photo !== null && isReadable(photo);
    }),
    words,
    wordPlayer,
    heat: computed(() => words.word.value?.map ?? looking.heat.value),
    shared,
    activity: createActivity({ models, photos, captions, looks: [looking.map, comparison.map, headMaps.rows], trials }),
    cameraOpen: signal(false),
    live: createLive({ vision, announce, now: () => performance.now() }),
    holdsPictures: computed(
      () => photos.list.value.length > 0 || ownClasses.classes.value.some(({ pictures }) => pictures.length > 0),
    ),
    intakeNote,
    async start(hash = lastHash) {
      const wanted = follow(hash);
      await engine.start(firstToLoad(wanted));
      const failure = engine.failure.peek();
      if (failure) announce(`${failure.title} ${failure.advice}`);
      else await models.start(wanted);
    },
    followLink(hash) {
      const wanted = follow(hash);
      const inUse = [models.current, models.captioner].map((loaded) => loaded.peek()?.choice.value);
      for (const value of wanted) if (!inUse.includes(value)) void models.select(value);
    },
    async dispose() {
      endTelling();
      for (const part of [wordPlayer, words, captions, player, trials, headMaps, comparison, looking]) part.dispose();
      photos.removeAll();
      await engine.dispose();
    },
  };
};
