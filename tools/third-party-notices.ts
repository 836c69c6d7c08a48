import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

export const NOTICES_FILE = "THIRD_PARTY_LICENSES.txt";

type Package = { readonly name: string; readonly license: string; readonly text: string | undefined };

/**
 * Vite plugins that write the licences of every package whose code ends up in a build to
 * `THIRD_PARTY_LICENSES.txt`. A worker is a bundle of its own and finishes first: it takes `collect` alone, the
 * page takes both.
 */
export function thirdPartyNotices(): { readonly collect: Plugin; readonly emit: Plugin } {
  const folders = new Set<string>();
  return {
    collect: {
      name: "third-party-notices:collect",
      apply: "build",
      generateBundle(_, bundle) {
        const modules = Object.values(bundle).flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
        for (const id of modules) if (id.includes("/node_modules/")) folders.add(packageFolder(id));
      },
    },
    emit: {
      name: "third-party-notices:emit",
      apply: "build",
      generateBundle: {
        order: "post",
        handler() {
          this.emitFile({ type: "asset", fileName: NOTICES_FILE, source: notices([...folders].map(readPackage)) });
        },
      },
    },
  };
}

function packageFolder(moduleId: string): string {
  const path = moduleId.replaceAll("\0", "").replace(/\?.*$/, "");
  const [, folder] = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
  if (folder === undefined) throw new Error(`${moduleId}: wanted a file of a package`);
  return folder;
}

function readPackage(folder: string): Package {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    name: string;
    version: string;
    license: string;
  };
  return { name: `${name} ${version}`, license, text: licenseText(folder) };
}

/** The package's licence file, or the licence chapter that ends its README. */
function licenseText(folder: string): string | undefined {
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)/i.test(name));
  if (file !== undefined) return readFileSync(join(folder, file), "utf8").trim();
  const readme = join(folder, "README.md");
  if (!existsSync(readme)) return undefined;
  return /^licen[cs]e.*\n-+\n+(copyright.*)$/ims.exec(readFileSync(readme, "utf8"))?.[1]?.trim();
}

/** One chapter a licence text: first the packages it covers, then the text. */
function notices(packages: readonly Package[]): string {
  const chapters = new Map<string, string[]>();
  for (const { name, license, text } of packages) {
    const chapter = text ?? sharedText(license, packages);
    if (chapter === undefined) throw new Error(`${name} (${license}): wanted a licence text in its folder, found none`);
    chapters.set(chapter, [...(chapters.get(chapter) ?? []), `${name} (${license})`]);
  }
  return Array.from(chapters, ([text, names]) => `${names.sort().join("\n")}\n\n${text}\n`).join(
    `\n${"-".repeat(80)}\n\n`,
  );
}

/** Apache-2.0 is the same text for everybody: where a package leaves it out, another's is as good. */
function sharedText(license: string, packages: readonly Package[]): string | undefined {
  if (license !== "Apache-2.0") return undefined;
  return packages.find((other) => other.license === license && other.text !== undefined)?.text;
}
