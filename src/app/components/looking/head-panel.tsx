import { useComputed } from "@preact/signals";
import type { VNode } from "preact";
import { heatOfHead, type HeadChoice, type HeadFigures, type HeadHeats, type Query } from "../../../index.ts";
import type { Tile } from "../../../overlay/canvas/tile-canvas.ts";
import { drawingOf } from "../../state/looking/look-view.ts";
import { heatOfLayer } from "../../state/looking/layer-heats.ts";
import type { Subject } from "../../state/looking/subject.ts";
import { useApp } from "../app-context.ts";
import { HeadPlot } from "./head-plot.tsx";
import { LookOutcome } from "./look-outcome.tsx";
import { PlayButton } from "./play-button.tsx";
import { TileView } from "./tile-view.tsx";
import { usePicture } from "./use-picture.ts";

/** All layers as a strip, the heads of the chosen one as a grid, and how far and how widely each head looks. */
export const HeadPanel = (): VNode | null => {
  const { looking, headMaps } = useApp();
  const subject = looking.subject.value;
  const { answer, failure, cancelled } = headMaps.rows;
  if (failure.value || cancelled.value) return <LookOutcome map={headMaps.rows} what="Reading the heads was" />;
  if (!answer.value || !subject) return <div class="shimmer" role="progressbar" aria-label="Reading the heads" />;
  return <HeadMapsView key={subject.photo.id} rows={answer.value} subject={subject} />;
};

/** As many heads as stand side by side. */
const ONE_ROW = 6;

const HeadMapsView = ({ rows, subject }: { rows: HeadHeats; subject: Subject }): VNode => {
  const { looking, headMaps, player } = useApp();
  const picture = usePicture(subject.photo);
  const drawing = useComputed(() => drawingOf(looking.view.value));
  const shown = looking.choice.value;
  const raw = shown?.method === "raw";
  const layer = (raw ? shown.layer : null) ?? rows.layers - 1;
  const figures = headMaps.figures.value;
  const method = subject.model.type === "vit" ? "raw" : "module";
  const choose = (choice: { layer: number; head: HeadChoice }): void =>
    looking.change(method === "raw" ? { method, ...choice } : { method });
  return (
    <div class="heads">
      {rows.layers > 1 && (
        <section>
          <header class="heads-header">
            <h4>Layers, first to last</h4>
            <PlayButton player={player} testId="play" label="Play through the layers" next="Next layer" />
          </header>
          <TileView
            picture={picture}
            drawing={drawing}
            tiles={layerTiles(rows)}
            layout="strip"
            chosen={raw ? layer : null}
            testId="layer-strip"
            onChoose={(next) => choose({ layer: next, head: "mean" })}
          />
        </section>
      )}
      <section>
        <h4>Heads of layer {layer}</h4>
        <TileView
          picture={picture}
          drawing={drawing}
          tiles={headTiles(rows, layer, figures)}
          layout={rows.heads <= ONE_ROW ? "strip" : "grid"}
          chosen={raw && typeof shown.head === "number" ? shown.head : null}
          testId="head-grid"
          onChoose={(head) => choose({ layer, head })}
        />
        <p class="hint">Seen from {tellQuery(rows.query)}. Choosing one shows it large.</p>
      </section>
      {figures && figures.layers > 1 && <HeadPlots figures={figures} layer={layer} />}
    </div>
  );
};

const HeadPlots = ({ figures, layer }: { figures: HeadFigures; layer: number }): VNode => (
  <section class="head-plots">
    <HeadPlot title="How far each head looks" unit="pixels" values={figures.distance} figures={figures} layer={layer} />
    <HeadPlot title="How widely each head looks" unit="nats" values={figures.entropy} figures={figures} layer={layer} />
  </section>
);

const layerTiles = (rows: HeadHeats): Tile[] =>
  Array.from({ length: rows.layers }, (_, layer) => ({
    heat: heatOfLayer(rows, layer, "mean"),
    label: `Layer ${layer}`,
  }));

const headTiles = (rows: HeadHeats, layer: number, figures: HeadFigures | null): Tile[] =>
  Array.from({ length: rows.heads }, (_, head) => {
    const distance = figures?.distance[layer * rows.heads + head];
    const far = distance === undefined ? "" : ` · ${Math.round(distance)} px`;
    return { heat: heatOfHead(rows, layer, head), label: `Head ${head}${far}` };
  });

const tellQuery = (query: Query): string => {
  if (query === "class") return "the class token";
  return query === "mean" ? "all patches together" : "the chosen patch";
};
