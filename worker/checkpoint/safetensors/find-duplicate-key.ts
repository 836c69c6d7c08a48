type Open = { readonly keys: Set<string> | null; wantsKey: boolean }; // `keys` is null for an array

/** One key that occurs twice in one object of valid JSON, or `null`. `JSON.parse` keeps the last of two in silence. */
export function findDuplicateKey(json: string): string | null {
  const open: Open[] = [];
  for (let at = 0; at < json.length; at++) {
    if (json[at] !== '"') {
      step(open, json[at]);
      continue;
    }
    const end = endOfString(json, at);
    const inner = open.at(-1);
    if (inner?.keys && inner.wantsKey) {
      const key = JSON.parse(json.slice(at, end)) as string; // "\u0061" and "a" are one key
      if (inner.keys.has(key)) return key;
      inner.keys.add(key);
      inner.wantsKey = false;
    }
    at = end - 1;
  }
  return null;
}

function step(open: Open[], character: string | undefined): void {
  if (character === "{") open.push({ keys: new Set(), wantsKey: true });
  else if (character === "[") open.push({ keys: null, wantsKey: false });
  else if (character === "}" || character === "]") open.pop();
  else if (character === ",") {
    const inner = open.at(-1);
    if (inner) inner.wantsKey = inner.keys !== null;
  }
}

/** Index just past the closing quote of the string that opens at `start`. */
function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at + 1;
}
