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
        <h2 id="photos-title">{countOf(list.length, "photo")}</h2>
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
