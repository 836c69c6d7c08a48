import { computed, type ReadonlySignal } from "@preact/signals";
import type { HeadFigures, HeadHeats, ModelInfo, Query } from "../../../index.ts";
import { createInquiry, type Inquiry } from "./inquiry.ts";
import type { Looking } from "./looking.ts";
import type { GetVision } from "./map-question.ts";

/** Every head of every layer at a glance, asked for once somebody wants to see them. */
export type HeadMaps = {
  readonly rows: Pick<Inquiry<HeadHeats>, "answer" | "busy" | "failure" | "cancelled" | "retry" | "cancel">;
  readonly figures: ReadonlySignal<HeadFigures | null>;
  readonly dispose: () => void;
};

export const createHeadMaps = (looking: Looking, wanted: ReadonlySignal<boolean>, vision: GetVision): HeadMaps => {
  const subject = computed(() => {
    const now = looking.subject.value;
    return wanted.value && now && now.model.layers > 0 ? now : null;
  });
  const askRows =
    (model: ModelInfo, from: Query | undefined) =>
    (picture: Blob, abort: AbortSignal): Promise<HeadHeats> =>
      vision().explainHeads(picture, { model, query: from, signal: abort });
  const askFigures =
    (model: ModelInfo) =>
    (picture: Blob, abort: AbortSignal): Promise<HeadFigures> =>
      vision().measureHeads(picture, { model, signal: abort });
  const query = computed(() => looking.choice.value?.query ?? undefined);
  const rows = createInquiry(
    computed(() => {
      const now = subject.value;
      const from = query.value;
      return now && { photo: now.photo, key: `${now.model.id} ${from ?? ""}`, ask: askRows(now.model, from) };
    }),
  );
  const figures = createInquiry(
    computed(() => {
      const now = subject.value;
      return now && { photo: now.photo, key: String(now.model.id), ask: askFigures(now.model) };
    }),
  );
  return {
    rows: {
      ...rows,
      retry() {
        rows.retry();
        figures.retry();
      },
      cancel() {
        rows.cancel();
        figures.cancel();
      },
    },
    figures: figures.answer,
    dispose() {
      rows.dispose();
      figures.dispose();
    },
  };
};
