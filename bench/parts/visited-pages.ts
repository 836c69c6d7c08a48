import type { Visited } from "../measure/visit-page.ts";

/** Pages that answer about the same picture with the same weights of ViT-Ti/16 in float32, on one thread. */
export const VISITED_PAGES: readonly Visited[] = [
  { name: "patchlight, wasm", page: "patchlight", settings: "backend=wasm" },
  { name: "patchlight, WebGL", page: "patchlight", settings: "backend=webgl" },
  { name: "onnxruntime-web, wasm", page: "onnxruntime-web" },
  { name: "transformers.js, wasm", page: "transformers-js" },
];

export const VISITED_MODEL = "vit-tiny-patch16-224";
