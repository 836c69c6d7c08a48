import type { Heat } from "../../index.ts";
import { OverlayCanvas } from "../../overlay/canvas/overlay-canvas.ts";
import { heatJson, type Provenance } from "../../overlay/export/heat-json.ts";
import { npyBytes } from "../../overlay/export/npy.ts";
import type { Drawing } from "../state/looking/look-view.ts";
import { drawPicture, scaleToPixels } from "./draw-picture.ts";

export const EXPORT_KINDS = ["png", "json", "npy"] as const;
export type ExportKind = (typeof EXPORT_KINDS)[number];

/** As many as a canvas holds everywhere. */
const MOST_PIXELS = 12_000_000;

type MapExport = { readonly heat: Heat; readonly picture: Blob; readonly drawing: Drawing; readonly from: Provenance };

/** A map as a file: over its photo, as all that is known of it, or as numbers alone. */
export const exportMap = async (kind: ExportKind, { heat, picture, drawing, from }: MapExport): Promise<Blob> => {
  if (kind === "json") return new Blob([heatJson(heat, from)], { type: "application/json" });
  if (kind === "npy") return new Blob([npyBytes(heat.values, heat.grid)], { type: "application/octet-stream" });
  const photo = await drawPicture(picture, scaleToPixels(MOST_PIXELS));
  if (!photo) throw new Error("PNG: this browser cannot show the picture");
  const overlay = new OverlayCanvas(document.createElement("canvas"), { photo, heat, options: drawing });
  try {
    return await overlay.toBlob(from);
  } finally {
    overlay.dispose();
    photo.width = 0; // lets the pixels go at once
  }
};

/** `lemon.jpg` → `lemon-rollout.png`. */
export const exportName = (photo: string, { method }: Heat, kind: ExportKind): string =>
  `${photo.replace(/\.[^.]*$/, "") || "photo"}-${method}.${kind}`;
