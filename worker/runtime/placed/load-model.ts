import type { ModelId } from "../../contract/api.ts";
import type { ModelFolder } from "../../contract/model-folder.ts";
import type { Precision } from "../../contract/precision.ts";
import type { CallOptions, Progress } from "../../contract/progress.ts";
import type { Pause } from "../../contract/turns.ts";
import type { ArrivingModel, OpenedCaptioner, OpenedModel, OpenFiles } from "../../checkpoint/open-model.ts";
import type { AwaitParameters } from "../../kernels/parameter-reader.ts";
import { warmUpWriter } from "../captioner/write-captions.ts";
import type { Device } from "../device/device.ts";
import type { StepAside } from "../device/job-queue.ts";
import { placeModel, type LoadedModel } from "./loaded-model.ts";
import { warmUp } from "../answers/model-answers.ts";
import { prepareEngine } from "./prepare-engine.ts";

type Loading = {
  readonly id: ModelId;
  readonly folder: ModelFolder;
  readonly device: Device;
  readonly precision: Precision | undefined; // of WebGL
};

/**
 * Reads, checks and places a model. Other jobs have the device while its files come: what it will be run with is made
 * ready as soon as its config is there, each block is placed as soon as its weights are. The caller ends it with
 * `release`; whatever is thrown, nothing is left behind.
 */
export async function loadModel(loading: Loading, open: OpenFiles, options: CallOptions): Promise<LoadedModel> {
  const { device, precision } = loading;
  let early: Promise<LoadedModel | null> = Promise.resolve(null);
  const { onProgress, letGo } = withhold(options.onProgress);
  const opening = open({
    ...options,
    onDeclared: (encoder) => {
      const preparing = device.run((pause) => prepareEngine(encoder, { there: pause, precision }));
      preparing.catch(() => undefined); // told by placing
    },
    onArriving: (model) => {
      early = placeArriving(loading, model, { ...options, onProgress }).catch(() => null); // told by placing it again
    },
  });
  try {
    const opened = await opening;
    letGo(); // behind what the download has told
    return (await early) ?? (await placeOpened(loading, opened, options));
  } catch (error) {
    (await early)?.release();
    throw error;
  }
}

/** Tells nothing until it is let go, then the last that there was to tell, and whatever comes. */
function withhold(tell: CallOptions["onProgress"]) {
  let last: Progress | null = null;
  let held = true;
  return {
    onProgress: (progress: Progress): void => {
      last = progress;
      if (!held) tell?.(progress);
    },
    letGo: (): void => {
      held = false;
      if (last) tell?.(last);
    },
  };
}

const placeOpened = (loading: Loading, opened: OpenedModel | OpenedCaptioner, options: CallOptions) =>
  runPlacing(loading, options, (pause) => makeReady(loading, opened, options, pause, pause));

/** Places what has come of a model, and waits for the rest. */
const placeArriving = (loading: Loading, { opened, until }: ArrivingModel, options: CallOptions) =>
  runPlacing(loading, options, (pause, stepAside) => {
    const there: AwaitParameters = async (beginnings) => {
      const come = Promise.race(beginnings.map((names) => until(names).then(() => names)));
      come.catch(() => undefined); // a device that fails first leaves nobody to wait for it
      await stepAside(come);
      await pause();
      return come;
    };
    return makeReady(loading, opened, options, pause, there);
  });

/** A job that places a model. Where it fails, what was placed, or is placed after all, is let go. */
async function runPlacing(
  { device }: Loading,
  { signal }: CallOptions,
  place: (pause: Pause, stepAside: StepAside) => Promise<LoadedModel>,
): Promise<LoadedModel> {
  let placing: Promise<LoadedModel | null> = Promise.resolve(null);
  const job = (pause: Pause, stepAside: StepAside): Promise<LoadedModel> => {
    const model = place(pause, stepAside);
    placing = model;
    return model;
  };
  try {
    return await device.run(job, signal);
  } catch (error) {
    placing.then(
      (model) => model?.release(),
      () => undefined,
    );
    throw error;
  }
}

async function makeReady(
  { id, folder, device, precision }: Loading,
  opened: OpenedModel | OpenedCaptioner,
  { signal, onProgress }: CallOptions,
  pause: Pause,
  there: AwaitParameters,
): Promise<LoadedModel> {
  const placed = await placeModel(id, folder, opened, onProgress, there, precision);
  try {
    if (device.report.name === "webgl") {
      await (placed.writer ? warmUpWriter(placed, placed.writer, pause) : warmUp(placed, pause)); // compiles shaders
    }
    signal?.throwIfAborted(); // nobody would take it
    return placed;
  } catch (error) {
    placed.release();
    throw error;
  }
}
