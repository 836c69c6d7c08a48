import type { VNode } from "preact";
import type { OwnClass } from "../../state/teaching/own-classes.ts";
import { useApp } from "../app-context.ts";
import { FileButton } from "../file-button.tsx";
import { ClassPictures } from "./class-pictures.tsx";

type ClassRowProps = { readonly own: OwnClass; readonly number: number; readonly canGo: boolean };

/** A class's name and pictures. */
export const ClassRow = ({ own, number, canGo }: ClassRowProps): VNode => {
  const { teaching } = useApp();
  const { id, name, pictures } = own;
  return (
    <li class="own-class" data-testid={`class-${number}`}>
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
          onClick={() => teaching.remove(id)}
        >
          <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
            <path d="m3 3 10 10M13 3 3 13" />
          </svg>
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
