import type { VNode } from "preact";
import type { Photo } from "../state/photo.ts";
import { useApp } from "./app-context.ts";
import { focusIntake } from "./focus-intake.ts";
import { PhotoAnswer } from "./photo-answer.tsx";

/** One photo: its picture, its name, what became of it. */
export const PhotoCard = ({ photo }: { photo: Photo }): VNode => {
  const { photos } = useApp();
  const { kind } = photo.state.value;
  return (
    <li class="photo" data-testid="photo" data-state={kind}>
      <figure class="photo-figure">
        <div class="photo-frame">
          {photo.thumbnail.value ? (
            <img src={photo.thumbnail.value} alt="" />
          ) : (
            <svg viewBox="0 0 48 48" width="40" height="40" aria-hidden="true">
              <rect x="5" y="9" width="38" height="30" rx="5" />
              <path d="m6 34 11-9 7 6 8-8 10 9" />
            </svg>
          )}
        </div>
        <figcaption>
          <span class="photo-name" title={photo.name}>
            {photo.name}
          </span>
          <button
            type="button"
            class="button button-icon"
            aria-label={`Remove ${photo.name}`}
            title="Remove"
            onClick={(event) => {
              focusNeighbour(event.currentTarget);
              photos.remove(photo);
            }}
          >
            <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
              <path d="m3 3 10 10M13 3 3 13" />
            </svg>
          </button>
        </figcaption>
      </figure>
      <div class="photo-answer">
        <PhotoAnswer photo={photo} />
      </div>
    </li>
  );
};

/** Whoever removes photos with the keyboard goes on with the next one. */
const focusNeighbour = (button: HTMLElement): void => {
  const card = button.closest("li");
  const neighbour = card?.nextElementSibling ?? card?.previousElementSibling;
  const next = neighbour?.querySelector<HTMLElement>("figcaption button");
  if (next) next.focus();
  else focusIntake();
};
