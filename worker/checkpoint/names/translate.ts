import { HEAD_MODULES, VIT_MODULES, type ModulePlace, type NamingScheme, type VitModule } from "./naming-scheme.ts";

const LAYER = /^encoder\.layer\.(\d+)\./;

/** A parameter's place in a file of a scheme, before any prefix. */
export type TensorPlace = Pick<ModulePlace, "name" | "part" | "inputAxes"> & { readonly head: boolean };

/** Canonical name → place: `encoder.layer.3.layernorm_before.bias` → `blocks.3.norm1.bias`. `null`: not a ViT's name. */
export function placeOf(canonical: string, scheme: NamingScheme): TensorPlace | null {
  const layer = LAYER.exec(canonical)?.[1];
  const template = canonical.replace(LAYER, "encoder.layer.{layer}.");
  const leaf = /\.(weight|bias)$/.exec(template)?.[1];
  const module = leaf ? template.slice(0, -leaf.length - 1) : template;
  if (!isModule(module)) return null;
  const { name, part, weight = "weight", inputAxes } = scheme.places[module];
  return {
    name: fill(name, layer ?? "", leaf === "weight" ? weight : (leaf ?? "")),
    ...(part && { part }),
    ...(inputAxes && { inputAxes: leaf === "weight" ? inputAxes : 0 }),
    head: HEAD_MODULES.includes(module),
  };
}

const isModule = (name: string): name is VitModule => (VIT_MODULES as readonly string[]).includes(name);

const fill = (template: string, layer: string, leaf: string): string =>
  template.replace("{layer}", layer).replace("{leaf}", leaf);

/** One pattern per module of the scheme; groups `prefix`, and `layer` inside blocks. */
export const modulePatterns = (scheme: NamingScheme): { readonly pattern: RegExp; readonly head: boolean }[] =>
  VIT_MODULES.map((module) => {
    const { name, weight = "weight" } = scheme.places[module];
    const body = fill(name.replaceAll(".", "\\."), "(?<layer>\\d+)", `(?:${weight}|bias)`);
    return { pattern: new RegExp(`^(?<prefix>(?:.*\\.)?)${body}$`), head: HEAD_MODULES.includes(module) };
  });
