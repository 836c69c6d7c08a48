import { NAMING_SCHEMES } from "./schemes.ts";
import type { NamingScheme } from "./naming-scheme.ts";
import { modulePatterns } from "./translate.ts";

/** What a file's names look like: the scheme, and the prefix in front of the backbone's names ("vit.", "module.", ""). */
export type FileNaming = {
  readonly scheme: NamingScheme;
  readonly prefix: string;
  readonly explained: number; // names that fit
};

/**
 * The scheme and prefix that explain most of a file's names; `null` where none explains any.
 * Counting, rather than looking for one marker, still finds the scheme of a file that lacks just that tensor.
 */
export function detectScheme(names: readonly string[]): FileNaming | null {
  let best: FileNaming | null = null;
  for (const scheme of NAMING_SCHEMES) {
    for (const [prefix, explained] of countByPrefix(names, scheme)) {
      if (explained > (best?.explained ?? 0)) best = { scheme, prefix, explained };
    }
  }
  return best;
}

function countByPrefix(names: readonly string[], scheme: NamingScheme): Map<string, number> {
  const backbone = new Map<string, number>();
  const heads: string[] = []; // prefixes of heads, which may stand outside the backbone's
  const patterns = modulePatterns(scheme);
  for (const name of names) {
    for (const { pattern, head } of patterns) {
      const prefix = pattern.exec(name)?.groups?.prefix;
      if (prefix === undefined) continue;
      if (head) heads.push(prefix);
      else backbone.set(prefix, (backbone.get(prefix) ?? 0) + 1);
      break;
    }
  }
  for (const [prefix, count] of backbone) {
    const ignored = names.filter((name) => name.startsWith(prefix) && isIgnorable(name.slice(prefix.length), scheme));
    backbone.set(prefix, count + ignored.length + heads.filter((head) => prefix.startsWith(head)).length);
  }
  return backbone;
}

const isIgnorable = (name: string, { ignorable }: NamingScheme): boolean =>
  ignorable.some(({ pattern }) => pattern.test(name));

/** The places where a head may stand: behind the whole prefix, or behind less of it. `"a.b."` → `"a.b."`, `"a."`, `""`. */
export function headPrefixes(prefix: string): string[] {
  const parts = prefix.split(".").slice(0, -1);
  return Array.from({ length: parts.length + 1 }, (_, drop) =>
    parts
      .slice(0, parts.length - drop)
      .map((part) => `${part}.`)
      .join(""),
  );
}
