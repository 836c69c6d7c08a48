import { EXPLAIN_METHODS, type HeadChoice, type Query } from "../../../index.ts";
import { COLOUR_MAPS } from "../../../overlay/colour-map.ts";
import { OVERLAY_STYLES } from "../../../overlay/overlay-options.ts";
import { USUAL_VIEW, type LookView } from "./look-view.ts";

/** The models in use, as the model picker names them. */
export type LinkedModels = {
  readonly model: string | null; // for classes
  readonly captioner: string | null; // for sentences
};

/** A view as an address carries it, and whose it was. */
type LinkedView = LinkedModels & {
  readonly view: LookView;
  readonly refused: readonly string[]; // parts of the link that say nothing known
};

/** Gives a setting's value, or undefined for a text that is none. */
type Reader<T> = (text: string) => T | undefined;

const oneOf =
  <T extends string>(known: readonly T[]): Reader<T> =>
  (text) =>
    known.find((value) => value === text);

const whole: Reader<number> = (text) => (/^\d{1,6}$/.test(text) ? Number(text) : undefined);

const share: Reader<number> = (text) => (/^(?:0|1|0?\.\d{1,3})$/.test(text) ? Number(text) : undefined);

const READERS: { readonly [Name in keyof LookView]: Reader<NonNullable<LookView[Name]>> } = {
  method: oneOf(EXPLAIN_METHODS),
  layer: whole,
  head: (text): HeadChoice | undefined => oneOf(["mean", "max", "min"] as const)(text) ?? whole(text),
  query: (text): Query | undefined => oneOf(["class", "mean"] as const)(text) ?? whole(text),
  target: whole,
  style: oneOf(OVERLAY_STYLES),
  colours: oneOf(COLOUR_MAPS),
  upsampling: oneOf(["bilinear", "nearest"] as const),
  opacity: share,
};

const NAMES = Object.keys(READERS) as (keyof LookView)[];

/** The part of an address behind `#`: only what differs from the usual, and the models. */
export const writeLink = ({ model, captioner }: LinkedModels, view: LookView): string => {
  const models = Object.entries({ model, captioner }).flatMap(([name, value]) =>
    value === null ? [] : [[name, value]],
  );
  const changed = NAMES.filter((name) => view[name] !== USUAL_VIEW[name]).map((name) => [name, String(view[name])]);
  return new URLSearchParams([...models, ...changed]).toString();
};

/** Null for an address that carries no view. */
export const readLink = (hash: string): LinkedView | null => {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const known = NAMES.filter((name) => given.has(name));
  const model = given.get("model");
  const captioner = given.get("captioner");
  if (known.length === 0 && model === null && captioner === null) return null;
  const read = known.map((name) => [name, READERS[name](given.get(name) ?? "")] as const);
  const taken = read.filter(([, value]) => value !== undefined);
  const refused = read.filter(([, value]) => value === undefined).map(([name]) => name);
  return { model, captioner, view: { ...USUAL_VIEW, ...Object.fromEntries(taken) }, refused };
};
