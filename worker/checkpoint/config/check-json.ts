import * as v from "valibot";
import { VisionError } from "../../contract/errors.ts";

const LONGEST_SHOWN = 60; // characters of an offending value

/** `value` as the schema wants it. Throws `config-malformed` naming the file, the field, what was wanted and got. */
export function checkJson<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  what: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const field = v.getDotPath(issue);
  const absent = issue.input === undefined && issue.kind === "schema"; // valibot has words of its own for that
  throw malformed(what, field, absent ? "a value" : issue.message, issue.input);
}

/** `field` is `null` where the value itself is wrong, not one of its fields. */
export const malformed = (what: string, field: string | null, wanted: string, got: unknown): VisionError =>
  new VisionError(
    "config-malformed",
    `${what}: ${field === null ? "" : `${field}: `}wanted ${wanted}, got ${show(got)}`,
  );

export function show(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

export const MAX_LAYERS = 1000; // more is a mistake or an attack: names are listed per layer

const ABOVE_ZERO = "a whole number above 0";
const ZERO_OR_MORE = "a whole number, 0 or more";

/** Messages complete the sentence "wanted …". Objects keep only the fields their schema names. */
export const positiveInteger = v.pipe(v.number(ABOVE_ZERO), v.safeInteger(ABOVE_ZERO), v.minValue(1, ABOVE_ZERO));
export const layerCount = v.pipe(positiveInteger, v.maxValue(MAX_LAYERS, `at most ${MAX_LAYERS}`));
export const count = v.pipe(v.number(ZERO_OR_MORE), v.safeInteger(ZERO_OR_MORE), v.minValue(0, ZERO_OR_MORE));
export const positiveNumber = v.pipe(v.number("a number above 0"), v.gtValue(0, "a number above 0"));
export const bool = v.boolean("true or false");
export const text = v.string("text");

/** Pixels: one number for a square, or `[height, width]`. */
export const side = v.pipe(
  v.union([positiveInteger, v.tuple([positiveInteger, positiveInteger])], "a whole number above 0, or [height, width]"),
  v.transform((value) => {
    const [height, width] = typeof value === "number" ? [value, value] : value;
    return { width, height };
  }),
);

/** Python writes `null` for "not set": the same as leaving the field out. */
export const withoutNulls = <Fields extends object>(fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined)) as Fields;

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
