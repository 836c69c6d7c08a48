import { locate } from "../file-tensors.ts";
import type { FileNaming } from "./detect-scheme.ts";
import type { FileNames } from "./file-names.ts";

const NO_POOLER = { pattern: /^pooler\./, reason: "the classifier does not use the pooler" };

/** A ViT's tensors under a scheme's names. `pooler`: whether the model has one. */
export function vitNames(naming: FileNaming, { pooler }: { readonly pooler: boolean }): FileNames {
  const { scheme, prefix } = naming;
  const ignorable = pooler ? scheme.ignorable : [...scheme.ignorable, NO_POOLER];
  const bare = (name: string): string => (name.startsWith(prefix) ? name.slice(prefix.length) : name);
  return {
    title: scheme.title,
    locate: (canonical, tensors) => locate(canonical, naming, tensors),
    whyIgnored: (name) => ignorable.find(({ pattern }) => pattern.test(bare(name)))?.reason,
    whyUnsupported: (name) => scheme.unsupported.find(({ pattern }) => pattern.test(bare(name)))?.reason,
  };
}
