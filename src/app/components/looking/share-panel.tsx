import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { countOf } from "../../format.ts";
import { CAPTION_KINDS, describedPhotos, exportCaptions } from "../../intake/export-captions.ts";
import { EXPORT_KINDS, exportMap, exportName, type ExportKind } from "../../intake/export-map.ts";
import { saveFile } from "../../intake/save-file.ts";
import { describeFailure, type Failure } from "../../state/failure.ts";
import { drawingOf } from "../../state/looking/look-view.ts";
import { useApp } from "../app-context.ts";
import { FailureNote } from "../failure-note.tsx";

const KINDS: Readonly<Record<ExportKind, string>> = {
  png: "Picture (PNG)",
  json: "Numbers (JSON)",
  npy: "Numbers (NumPy)",
};

/** The map and the sentences as files, and the view as a link. */
export const SharePanel = (): VNode => {
  const { looking, words, heat: shown, models, photos, shared, announce } = useApp();
  const failure = useSignal<Failure | null>(null);
  const link = useSignal<string | null>(null);
  const note = useSignal("");
  const described = describedPhotos(photos.list.value);

  const save = async (kind: ExportKind): Promise<void> => {
    const heat = shown.peek();
    const photo = looking.chosen.peek();
    if (!heat || !(photo?.content instanceof Blob)) return;
    failure.value = null;
    try {
      const model = (words.word.peek() ? models.captioner : models.current).peek();
      const from = { model: model?.choice.title, file: photo.name };
      const drawing = drawingOf(looking.view.peek());
      saveFile(
        exportName(photo.name, heat, kind),
        await exportMap(kind, { heat, picture: photo.content, drawing, from }),
      );
    } catch (error) {
      failure.value = describeFailure(error);
    }
  };

  const copy = async (): Promise<void> => {
    const url = new URL(`#${shared.write()}`, location.href).href;
    history.replaceState(null, "", url);
    const copied = await toClipboard(url);
    link.value = copied ? null : url;
    note.value = copied ? "Link copied. It holds the view, not the photo." : "Copy this link:";
    announce(note.value);
  };

  return (
    <div class="share">
      <div class="share-buttons">
        {EXPORT_KINDS.map((kind) => (
          <button
            key={kind}
            type="button"
            class="button"
            data-testid={`save-${kind}`}
            disabled={shown.value === null}
            onClick={() => void save(kind)}
          >
            {KINDS[kind]}
          </button>
        ))}
        {described.length > 0 &&
          CAPTION_KINDS.map((kind) => (
            <button
              key={kind}
              type="button"
              class="button"
              data-testid={`save-captions-${kind}`}
              onClick={() => saveFile(`captions.${kind}`, exportCaptions(kind, described))}
            >
              {countOf(described.length, "sentence")} ({kind.toUpperCase()})
            </button>
          ))}
        <button type="button" class="button" data-testid="copy-link" onClick={() => void copy()}>
          Copy link to this view
        </button>
      </div>
      {note.value !== "" && <p class="hint">{note}</p>}
      {link.value !== null && <input type="text" readOnly aria-label="Link to this view" value={link.value} />}
      {failure.value && <FailureNote failure={failure.value} />}
    </div>
  );
};

/** There is no clipboard on a page that came over plain http. */
const toClipboard = async (text: string): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
};
