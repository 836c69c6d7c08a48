/** `tsx tools/draw-examples.ts` draws public/examples: pictures of our own, for visitors without a photo at hand. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { repositoryRoot } from "./repository-root.ts";

const [WIDTH, HEIGHT] = [640, 480]; // pixels

/** Grain, as a photo has it: flat colour is nothing the model was trained on. */
const GRAIN = `<filter id="grain" x="0" y="0" width="100%" height="100%">
  <feTurbulence type="fractalNoise" baseFrequency=".8" numOctaves="3" seed="4"/>
  <feColorMatrix values="0 0 0 0 .5  0 0 0 0 .5  0 0 0 0 .5  0 0 0 .25 0"/>
  <feComposite in2="SourceGraphic" operator="in"/><feBlend in="SourceGraphic" mode="overlay"/></filter>`;

/** A ball's light: from the upper left, over the colour itself, to its shadow. */
const shade = (id: string, light: string, colour: string, shadow: string): string =>
  `<radialGradient id="${id}" cx=".4" cy=".3" r=".8"><stop offset="0" stop-color="${light}"/>
   <stop offset=".4" stop-color="${colour}"/><stop offset="1" stop-color="${shadow}"/></radialGradient>`;

const dots = (centres: readonly (readonly [number, number])[]): string =>
  centres.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="38" fill="#111"/>`).join("");

const windows = [0, 1, 2, 3, 4, 5].map((i) => `<rect x="${130 + i * 104}" y="252" width="84" height="96" rx="8"/>`);

/** Drawings on a field of 960 × 720. */
const DRAWINGS: Readonly<Record<string, string>> = {
  lemon: `${shade("peel", "#fff7a8", "#f7d92e", "#b98a06")}
    <rect width="960" height="720" fill="#3d5a2c"/><path d="M0 720C120 420 60 200 0 0zM960 0C820 160 860 480 960 720z" fill="#5f8f3e"/>
    <ellipse cx="500" cy="620" rx="260" ry="36" fill="#1d2e14" opacity=".6"/>
    <g transform="rotate(-14 480 380)" fill="url(#peel)"><ellipse cx="480" cy="380" rx="300" ry="225"/>
    <path d="M205 320c-50 10-80 36-84 60 4 24 34 50 84 60zM755 320c50 10 80 36 84 60-4 24-34 50-84 60z"/></g>`,
  "school bus": `<rect width="960" height="720" fill="#a9cdeb"/><rect y="520" width="960" height="200" fill="#6d7076"/>
    <rect x="90" y="210" width="780" height="330" rx="34" fill="#f5b700"/>
    <path d="M90 407h780M90 455h780" stroke="#222" stroke-width="12"/>
    <g fill="#24384a">${windows.join("")}<rect x="770" y="252" width="84" height="150"/></g>
    <g fill="#9a9a9a" stroke="#1b1b1b" stroke-width="38"><circle cx="250" cy="550" r="47"/><circle cx="700" cy="550" r="47"/></g>`,
  ladybug: `${shade("wings", "#ff8a6a", "#e02a12", "#7a0c04")}
    <rect width="960" height="720" fill="#4d8f2e"/><path d="M0 720C300 500 600 300 960 60v660z" fill="#6db142"/>
    <path d="M0 720C320 480 620 270 960 40" stroke="#a6d977" stroke-width="12" fill="none"/>
    <g transform="rotate(-34 480 380)"><ellipse cx="700" cy="380" rx="80" ry="86" fill="#151515"/>
    <g fill="#eee"><circle cx="735" cy="335" r="18"/><circle cx="735" cy="425" r="18"/></g>
    <ellipse cx="470" cy="380" rx="250" ry="200" fill="url(#wings)"/><path d="M220 380h480" stroke="#111" stroke-width="10"/>
    ${dots([
      [360, 290],
      [360, 470],
      [500, 270],
      [500, 490],
      [600, 330],
      [600, 430],
    ])}</g>`,
};

await mkdir(join(repositoryRoot, "public/examples"), { recursive: true });
for (const [name, drawing] of Object.entries(DRAWINGS)) {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 960 720">
    <defs>${GRAIN}</defs><g filter="url(#grain)">${drawing}</g></svg>`;
  const file = join(repositoryRoot, "public/examples", `${name.replaceAll(" ", "-")}.jpg`);
  await sharp(Buffer.from(svg)).jpeg({ quality: 82 }).toFile(file);
}
