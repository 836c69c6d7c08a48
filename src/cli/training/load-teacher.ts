import { isDeepStrictEqual } from "node:util";
import { VisionError } from "../../../worker/contract/errors.ts";
import type { ModelFolder } from "../../../worker/contract/model-folder.ts";
import type { Pause } from "../../../worker/contract/turns.ts";
import { openModel, type OpenedModel } from "../../../worker/checkpoint/open-model.ts";
import { placeModel } from "../../../worker/runtime/placed/loaded-model.ts";
import type { Teacher } from "../../../worker/training/picture-lesson.ts";
import { openModelFolder } from "../../node/model-folder.ts";
import type { StartingModel } from "./starting-model.ts";

/** A teacher that fits its student; nothing is on a device yet. */
export type OpenedTeacher = { readonly folder: ModelFolder; readonly opened: OpenedModel };

/** Throws `training-recipe` unless teacher and student see the same pixels and name the same classes in the same order. */
export async function openTeacher(name: string, student: StartingModel): Promise<OpenedTeacher> {
  const folder = await openModelFolder(name);
  const opened = await openModel(folder);
  const seen = ({ recipe, config }: Pick<StartingModel, "recipe" | "config">) => [
    recipe,
    config.imageSize,
    config.channels,
  ];
  if (!isDeepStrictEqual(seen(opened), seen(student))) throw unfit("the student's image size and pixel recipe", name);
  if (!isDeepStrictEqual([...opened.labels], [...student.labels])) throw unfit("the classes of the pictures", name);
  return { folder, opened };
}

/** Puts a teacher on the device; what it answers is the caller's. */
export async function placeTeacher({ folder, opened }: OpenedTeacher, pause: Pause): Promise<Teacher> {
  const placed = await placeModel(0, folder, opened, undefined, pause);
  return async (images) => {
    const answers = await placed.run(images, { stages: ["logits"], pause });
    return answers.get("logits") as Awaited<ReturnType<Teacher>>;
  };
}

const unfit = (wanted: string, got: string): VisionError =>
  new VisionError("training-recipe", `teacher: wanted a model with ${wanted}, got ${got}`);
