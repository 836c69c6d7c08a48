import { countOf } from "../format.ts";
import type { AppState } from "../state/app-state.ts";
import { filesChoice } from "../state/models/model-choices.ts";
import { holdsClasses } from "../state/teaching/saved-classes.ts";
import { readDroppedFiles } from "./dropped-files.ts";
import { note } from "./note.ts";
import { nameOfAddress, pictureAddress } from "./picture-address.ts";
import { sortFiles, type IntakeFile } from "./sort-files.ts";

/** Photos go to the queue, model files to the model loader, saved classes to where classes are taught. */
export const takeInFiles = (app: AppState, files: readonly IntakeFile[]): void => {
  const { model, photos, skipped } = sortFiles(files);
  if (model.length > 0) void app.models.load(filesChoice(model));
  const mayBeClasses = ({ name }: File): boolean => name.endsWith(".json");
  addPhotos(
    app,
    photos.filter((file) => !mayBeClasses(file)),
  );
  for (const file of photos.filter(mayBeClasses))
    void holdsClasses(file).then((holds) => (holds ? app.teaching.open(file) : addPhotos(app, [file])));
  note(app, skipped > 0 ? `${countOf(skipped, "file")} in the folder skipped: not pictures.` : "");
};

const addPhotos = (app: AppState, files: readonly File[]): void => {
  if (files.length > 0) app.photos.add(files.map((file) => ({ name: file.name, content: file })));
};

/** What was dropped or pasted: files first, else the address of a picture. True where there was something to take. */
export const takeInTransfer = (app: AppState, transfer: DataTransfer): boolean => {
  const address = pictureAddress(transfer.getData("text/uri-list") || transfer.getData("text/plain"));
  if (transfer.types.includes("Files")) {
    readDroppedFiles(transfer).then(
      (files) => takeInFiles(app, files),
      () => note(app, UNREADABLE),
    );
    return true;
  }
  if (address) app.photos.add([{ name: nameOfAddress(address), content: address }]);
  return address !== null;
};

/** What was dropped on a class that is being taught: its pictures, and no photos to be named. */
export const takeInForClass = (app: AppState, id: number, transfer: DataTransfer): void => {
  readDroppedFiles(transfer).then(
    (files) => {
      const { photos } = sortFiles(files);
      const others = files.length - photos.length;
      app.teaching.addPictures(id, photos);
      note(app, others > 0 ? `${countOf(others, "file")} left out: not pictures.` : "");
    },
    () => note(app, UNREADABLE),
  );
};

const UNREADABLE = "Some of these files could not be read.";
