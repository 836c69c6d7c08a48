import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import type { Photo } from "../state/photo.ts";
import { useApp } from "./app-context.ts";
import { CrossIcon } from "./cross-icon.tsx";
import { CaptionPart } from "./describing/caption-part.tsx";
import { intake } from "./focus-intake.ts";
import { focusNeighbour } from "./focus-neighbour.ts";
import { LegendBar } from "./looking/legend-bar.tsx";
import { LookControls } from "./looking/look-controls.tsx";
import { LookMore } from "./looking/look-more.tsx";
import { LookingGlass } from "./looking/looking-glass.tsx";
import { PhotoAnswer } from "./photo-answer.tsx";

/** One photo: its picture, its name, what became of it; of the chosen one also where the model looked. */
export const PhotoCard = ({ photo }: { photo: Photo }): VNode => {
  const { looking, words } = useApp();
  const open = looking.chosen.value === photo;
  const mapped = looking.subject.value?.photo === photo && looking.choice.value !== null;
  const glass = open && (mapped || words.words.value.length > 0);
  return (
    <li class="photo" data-testid="photo" data-state={photo.state.value.kind} data-open={open} tabIndex={-1}>
      <div class="photo-side">
        <figure class="photo-figure">
          <PhotoFrame photo={photo} open={open} glass={glass} />
          {glass && <Legend />}
          <PhotoCaption photo={photo} />
        </figure>
      </div>
      <div class="photo-answer">
        <CaptionPart photo={photo} open={open} />
        <PhotoAnswer photo={photo} />
        {glass && <LookControls />}
      </div>
      {glass && <LookMore />}
    </li>
  );
};

type PhotoFrameProps = { readonly photo: Photo; readonly open: boolean; readonly glass: boolean };

const PhotoFrame = ({ photo, open, glass }: PhotoFrameProps): VNode => {
  const { looking } = useApp();
  const place = useRef<HTMLDivElement>(null);
  const choose = (): void => {
    const card = place.current?.closest("li");
    looking.choose(photo);
    card?.focus(); // the button goes away
    requestAnimationFrame(() => card?.scrollIntoView({ block: "nearest" })); // at its new size
  };
  return (
    <div class="photo-frame" ref={place} style={{ "--ratio": ratioOf(photo) }}>
      {photo.thumbnail.value ? (
        <img src={photo.thumbnail.value} alt="" />
      ) : (
        <svg viewBox="0 0 48 48" width="40" height="40" aria-hidden="true">
          <rect x="5" y="9" width="38" height="30" rx="5" />
          <path d="m6 34 11-9 7 6 8-8 10 9" />
        </svg>
      )}
      {glass && <LookingGlass key={photo.id} photo={photo} />}
      {!open && photo.state.value.kind === "done" && (
        <button
          type="button"
          class="photo-choose"
          data-testid="photo-choose"
          aria-label={`Show where it looked in ${photo.name}`}
          title="Show where it looked"
          onClick={choose}
        />
      )}
    </div>
  );
};

/** Width ÷ height of a photo that the model has seen. */
const ratioOf = ({ state: { value: state }, caption: { value: caption } }: Photo): number | undefined => {
  const seen = state.kind === "done" ? state.result.seen : caption.kind === "done" ? caption.caption.seen : null;
  return seen ? seen.source.width / seen.source.height : undefined;
};

const Legend = (): VNode | null => {
  const { looking, heat } = useApp();
  const { style, colours } = looking.view.value;
  const shown = heat.value;
  return shown && style !== "mask" ? <LegendBar heat={shown} colours={colours} /> : <div class="legend" />;
};

const PhotoCaption = ({ photo }: { photo: Photo }): VNode => {
  const { photos } = useApp();
  return (
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
          focusNeighbour(event.currentTarget, "figcaption button", intake);
          photos.remove(photo);
        }}
      >
        <CrossIcon size={14} />
      </button>
    </figcaption>
  );
};
