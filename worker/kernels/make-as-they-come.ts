import type { AwaitParameters } from "./parameter-reader.ts";

/**
 * What `make` makes of each part of a model, in the order of `names`: parameters of a part begin with its name and a dot.
 * The part that is there first is made first. Throws what `there` and `make` throw.
 */
export async function makeAsTheyCome<Made>(
  names: readonly string[],
  there: AwaitParameters | undefined,
  make: (name: string, at: number) => Made,
): Promise<Made[]> {
  const made: Made[] = [];
  const left = new Map(names.map((name, at) => [`${name}.`, at]));
  while (left.size > 0) {
    const beginnings = [...left.keys()];
    const beginning = (await there?.(beginnings)) ?? beginnings[0]!;
    const at = left.get(beginning)!;
    made[at] = make(names[at]!, at);
    left.delete(beginning);
  }
  return made;
}
