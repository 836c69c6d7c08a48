import { extname } from "node:path";
import sharp from "sharp";
import type { BackendChoice, ModelInfo } from "../../../worker/contract/api.ts";
import type { ExplainQuestion } from "../../../worker/contract/explain-question.ts";
import type { Heat } from "../../../worker/contract/heat.ts";
import type { Session } from "../../../worker/runtime/session.ts";
import { composePhoto } from "../../overlay/compose-photo.ts";
import { describeHeat } from "../../overlay/describe-heat.ts";
import { heatJson } from "../../overlay/export/heat-json.ts";
import { npyBytes } from "../../overlay/export/npy.ts";
import { DEFAULT_OPTIONS, withOptions, type OverlayOptions } from "../../overlay/overlay-options.ts";
import { decodeWithSharp } from "../../node/decode.ts";
import { workOn } from "../output/file-failure.ts";
import { findClass } from "./find-class.ts";
import type { Output } from "../output/output.ts";
import { readPicture } from "../../node/read-picture.ts";
import { startSession } from "../../node/start-session.ts";
import { expectWritable, writeOutput } from "../output/write-output.ts";

export type ExplainCall = {
  readonly model: string;
  readonly backend: BackendChoice;
  readonly output: string | null; // .png, .json or .npy
  readonly question: Omit<ExplainQuestion, "target">;
  readonly target: string | null; // a class by its index or its label
  readonly drawing: Partial<Pick<OverlayOptions, "colours" | "opacity">> & { readonly style: "colours" | "mask" };
};

/** `patchlight explain`: where a model looked in one picture, as numbers and, with an output, as a picture. */
export async function explainCommand(file: string, call: ExplainCall, output: Output): Promise<void> {
  const drawing = { ...withOptions(DEFAULT_OPTIONS, call.drawing), style: call.drawing.style };
  if (call.output !== null) await workOn(call.output, expectWritable(call.output));
  const picture = await workOn(file, readPicture(file));
  const { session, model } = await startSession(call.model, call.backend);
  try {
    const heat = await workOn(file, askMap(session, model, picture, call));
    if (call.output !== null) await workOn(call.output, writeMap(call.output, { file, picture, heat, model, drawing }));
    const { method, grid, settings, values } = heat;
    const line = { file, model: model.name, method, ...settings, grid: [grid.height, grid.width], map: [...values] };
    output.result(line, describe(file, heat, call.output));
  } finally {
    session.dispose();
  }
}

async function askMap(
  session: Session,
  model: ModelInfo,
  picture: Blob,
  { question, target }: ExplainCall,
): Promise<Heat> {
  const ofClass = target === null ? {} : { target: findClass(target, model) };
  return session.explain(picture, { model: model.id, ...question, ...ofClass });
}

type Drawn = {
  readonly file: string;
  readonly picture: Blob;
  readonly heat: Heat;
  readonly model: ModelInfo;
  readonly drawing: Parameters<typeof composePhoto>[2];
};

async function writeMap(path: string, { file, picture, heat, model, drawing }: Drawn): Promise<void> {
  const kind = extname(path).toLowerCase();
  if (kind === ".npy") return writeOutput(path, npyBytes(heat.values, heat.grid));
  if (kind === ".json") return writeOutput(path, new TextEncoder().encode(heatJson(heat, { file, model: model.name })));
  const photo = await decodeWithSharp(new Uint8Array(await picture.arrayBuffer()));
  const { data, width, height } = composePhoto(photo, heat, drawing);
  const png = await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  return writeOutput(path, png);
}

/** The map in words: its highest cell, and where it was written. */
function describe(file: string, heat: Heat, written: string | null): string {
  const { grid, values, range } = heat;
  const highest = values.indexOf(range.max);
  const place = `row ${Math.floor(highest / grid.width) + 1}, column ${(highest % grid.width) + 1}`;
  const size = `${grid.height} × ${grid.width} cells`;
  const drawn = written === null ? "" : `\n  written to ${written}`;
  return `${file}: ${describeHeat(heat)}\n  ${size}, most at ${place}: ${range.max.toPrecision(3)}${drawn}`;
}
