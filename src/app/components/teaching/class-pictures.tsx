import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import type { OwnClass, OwnPicture } from "../../state/teaching/own-classes.ts";
import { useApp } from "../app-context.ts";
import { CrossIcon } from "../cross-icon.tsx";
import { focusNeighbour } from "../focus-neighbour.ts";

/** How many pictures of a class are shown before somebody asks for all. */
const AT_FIRST = 24;

type ClassPicturesProps = { readonly own: OwnClass; readonly called: string };

/** The pictures of a class, each of which can be taken out again. */
export const ClassPictures = ({ own: { id, pictures }, called }: ClassPicturesProps): VNode | null => {
  const { teaching } = useApp();
  const all = useSignal(false);
  if (pictures.length === 0) return null;
  return (
    <div class="class-pictures">
      <ul aria-label={`Pictures of class ${called}`}>
        {pictures.slice(0, all.value ? undefined : AT_FIRST).map((picture, index) => (
          <PictureTile
            key={picture.id}
            picture={picture}
            name={`picture ${index + 1} of class ${called}`}
            onRemove={() => teaching.removePicture(id, picture)}
          />
        ))}
      </ul>
      {pictures.length > AT_FIRST && (
        <button
          type="button"
          class="button button-quiet"
          aria-expanded={all.value}
          onClick={() => (all.value = !all.peek())}
        >
          {all.value ? "Show fewer" : `and ${pictures.length - AT_FIRST} more`}
        </button>
      )}
    </div>
  );
};

type PictureTileProps = { readonly picture: OwnPicture; readonly name: string; readonly onRemove: () => void };

const PictureTile = ({ picture: { file, thumbnail }, name, onRemove }: PictureTileProps): VNode => (
  <li title={file.name}>
    {thumbnail.value ? (
      <img src={thumbnail.value} alt="" loading="lazy" decoding="async" draggable={false} />
    ) : (
      <svg viewBox="0 0 48 48" width="24" height="24" aria-hidden="true">
        <rect x="5" y="9" width="38" height="30" rx="5" />
        <path d="m6 34 11-9 7 6 8-8 10 9" />
      </svg>
    )}
    <button
      type="button"
      aria-label={`Remove ${name}`}
      title={`Remove ${file.name}`}
      onClick={(event) => {
        focusNeighbour(event.currentTarget, "button", () => fileInputOf(event.currentTarget));
        onRemove();
      }}
    >
      <CrossIcon size={10} />
    </button>
  </li>
);

const fileInputOf = (tile: Element): HTMLElement | null | undefined =>
  tile.closest(".own-class")?.querySelector<HTMLElement>("input[type=file]");
