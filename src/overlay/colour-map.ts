import { COOLWARM, INFERNO, MAGMA, VIRIDIS, type PackedColours } from "./colour-data.ts";

/**
 * Colours from least to most. All but coolwarm rise evenly in lightness and read the same to colour-blind people;
 * coolwarm is for signed maps, blue below and red above a light middle.
 */
export const COLOUR_MAPS = ["viridis", "magma", "inferno", "grey", "coolwarm"] as const;

export type ColourMap = (typeof COLOUR_MAPS)[number];

const COLOURS = 256;

const made = new Map<ColourMap, Uint8Array>();

/** The colours of a map, `[256, 3]`, red, green, blue. */
export function colourTable(name: ColourMap): Uint8Array {
  const table = made.get(name) ?? make(name);
  made.set(name, table);
  return table;
}

/** Which of the 256 colours stands for a place in the range, 0…1, as matplotlib's `Colormap` chooses. */
export const colourIndex = (unit: number): number => Math.min(Math.floor(unit * COLOURS), COLOURS - 1);

/** A CSS `linear-gradient` of a colour map, least on the left. */
export function colourGradient(name: ColourMap): string {
  const stops = Array.from({ length: 18 }, (_, i) => cssColour(name, (i * 15) / 255)); // every 15th of 0…255
  return `linear-gradient(to right, ${stops.join(", ")})`;
}

/** The colour at a place in the range, 0…1, as CSS writes it. */
export function cssColour(name: ColourMap, unit: number): string {
  const at = colourIndex(unit) * 3;
  return `rgb(${colourTable(name)
    .subarray(at, at + 3)
    .join(" ")})`;
}

function make(name: ColourMap): Uint8Array {
  switch (name) {
    case "viridis":
      return unpack(VIRIDIS);
    case "magma":
      return unpack(MAGMA);
    case "inferno":
      return unpack(INFERNO);
    case "coolwarm":
      return unpack(COOLWARM);
    case "grey":
      return Uint8Array.from({ length: COLOURS * 3 }, (_, i) => Math.floor(i / 3));
  }
}

function unpack({ first, steps }: PackedColours): Uint8Array {
  const table = new Uint8Array(COLOURS * 3);
  first.forEach((value, channel) => {
    table[channel] = value;
    for (let i = 1; i < COLOURS; i++) {
      const step = steps[channel]!.charCodeAt(i - 1) - "M".charCodeAt(0);
      table[i * 3 + channel] = table[(i - 1) * 3 + channel]! + step;
    }
  });
  return table;
}
