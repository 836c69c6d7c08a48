import type { VNode } from "preact";
import { takeInForClass } from "../../intake/take-in.ts";
import type { OwnClass } from "../../state/teaching/own-classes.ts";
import { useApp } from "../app-context.ts";
import { CrossIcon } from "../cross-icon.tsx";
import { FileButton } from "../file-button.tsx";
import { focusNeighbour } from "../focus-neighbour.ts";
import { ClassPictures } from "./class-pictures.tsx";
import { useDropTarget } from "./use-drop-target.ts";

type ClassRowProps = { readonly own: OwnClass; readonly number: number; readonly canGo: boolean };

/** A class's name and pictures. Pictures can be dropped on it. */
export const ClassRow = ({ own, number, canGo }: ClassRowProps): VNode => {
  const app = useApp();
  const { teaching } = app;
  const { id, name, pictures } = own;
  const { over, on } = useDropTarget((transfer) => takeInForClass(app, id, transfer));
  return (
    <li class="own-class" data-testid={`class-${number}`} data-over={over} {...on}>
      <input
        type="text"
        aria-label={`Name of class ${number}`}
        placeholder={`Class ${number}`}
        autocomplete="off"
        maxLength={60}
        value={name}
        onInput={(event) => teaching.rename(id, event.currentTarget.value)}
      />
      {canGo && (
        <button
          type="button"
          class="button button-icon"
          aria-label={`Remove class ${number}`}
          title="Remove"
          onClick={(event) => {
            focusNeighbour(event.currentTarget, "input", () => null); // its name: the last two have no such button
            teaching.remove(id);
          }}
        >
          <CrossIcon size={14} />
        </button>
      )}
      <ClassPictures own={own} called={name.trim() || String(number)} />
      <FileButton
        label={pictures.length === 0 ? "Add pictures" : `Add pictures · ${pictures.length}`}
        testId={`class-pictures-${number}`}
        accept="image/*"
        onFiles={(files) =>
          teaching.addPictures(
            id,
            files.map(({ file }) => file),
          )
        }
      />
    </li>
  );
};
