import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { countOf } from "../format.ts";
import { useApp } from "./app-context.ts";
import { focusIntake } from "./focus-intake.ts";
import { PhotoCard } from "./photo-card.tsx";

export const PhotoList = (): VNode | null => {
  const { photos } = useApp();
  const list = photos.list.value;
  const section = useRef<HTMLElement>(null);
  const newest = list[0]?.id ?? 0;

  useEffect(() => {
    const top = section.current?.getBoundingClientRect().top ?? 0;
    if (newest > 0 && top > window.innerHeight * 0.6) section.current?.scrollIntoView();
  }, [newest]);

  if (list.length === 0) return null;
  return (
    <section class="photos" aria-labelledby="photos-title" ref={section}>
      <header class="photos-header">
        <h2 id="photos-title" tabIndex={-1}>
          {countOf(list.length, "photo")}
        </h2>
        <GoOnButton />
        <button
          type="button"
          class="button button-quiet"
          onClick={() => {
            focusIntake();
            photos.removeAll();
          }}
        >
          Remove all
        </button>
      </header>
      <ul class="photo-grid">
        {list.map((photo) => (
          <PhotoCard key={photo.id} photo={photo} />
        ))}
      </ul>
    </section>
  );
};

/** All that were cancelled, once more. */
const GoOnButton = (): VNode | null => {
  const { putAside } = useApp();
  const count = putAside.list.value.length;
  if (count === 0) return null;
  const goOn = (): void => {
    document.getElementById("photos-title")?.focus(); // the button goes away
    putAside.goOn();
  };
  return (
    <button type="button" class="button button-quiet" data-testid="go-on" onClick={goOn}>
      Go on with {count}
    </button>
  );
};
