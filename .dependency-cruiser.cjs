/**
 * Who may import whom. ARCHITECTURE.md says why; `npm run check` enforces it.
 *
 *   contract <- kernels <- layers <- models <- { explain, text, training } <- lab <- runtime <- main
 */

/** A file under `from` imports nothing under `to`. */
const never = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });

const inside = (...folders) => folders.map((folder) => `^worker/${folder}/`);

/** Each floor of the worker sees itself and the floors below it. */
const FLOORS = [
  ["contract"],
  ["kernels"],
  ["layers"],
  ["models"],
  ["explain", "text", "training"],
  ["lab"],
  ["runtime"],
];

const oneWay = FLOORS.slice(0, -1).map((floor, height) =>
  never(
    `${floor.join("-")}-sees-nothing-above`,
    `worker/{${floor}} imports only from its own floor and those below`,
    { path: inside(...floor) },
    { path: [...FLOORS.slice(height + 1).flatMap((above) => inside(...above)), "^worker/(lab-)?main\\.ts$"] },
  ),
);

const sideFloors = FLOORS[4].map((folder) =>
  never(
    `${folder}-sees-no-sibling`,
    `explain, text and training know nothing of each other`,
    { path: inside(folder) },
    { path: inside(...FLOORS[4].filter((other) => other !== folder)) },
  ),
);

const worker = [
  never(
    "contract-is-a-leaf",
    "worker/contract is what every part agrees on, and depends on none; comlink is the wire it is spoken over",
    { path: inside("contract") },
    { pathNot: [...inside("contract"), "node_modules/comlink/"] },
  ),
  ...oneWay,
  ...sideFloors,
  never(
    "image-sees-contract",
    "pixels need no model and no tensors",
    { path: inside("image") },
    { path: "^worker/", pathNot: inside("image", "contract") },
  ),
  never(
    "checkpoint-sees-contract-and-shapes",
    "reading weights needs the names and shapes of a model, not its arithmetic",
    { path: inside("checkpoint") },
    {
      path: "^worker/",
      pathNot: [
        ...inside("checkpoint", "contract"),
        "^worker/models/[^/]+/(config|parameters)\\.ts$",
        "^worker/text/[^/]+\\.ts$", // the files of vocabularies
      ],
    },
  ),
  never(
    "lab-sees-what-it-shows",
    "exhibits compute with layers, models and training alone",
    { path: inside("lab") },
    { path: "^worker/", pathNot: inside("lab", "contract", "kernels", "layers", "models", "training") },
  ),
  never(
    "arithmetic-reads-no-files",
    "models and what they are made of take weights and tensors, wherever those come from",
    { path: inside("kernels", "layers", "models", "explain", "text", "training", "lab") },
    { path: inside("checkpoint", "image") },
  ),
  never(
    "datasets-see-contract-and-image",
    "reading data needs the arithmetic of pixels, but no model and no tensors",
    { path: "^datasets/" },
    { path: ["^worker/", "^src/"], pathNot: inside("contract", "image") },
  ),
  never("worker-stands-alone", "worker/ runs without src/", { path: "^worker/" }, { path: "^(src|datasets|test)/" }),
  never(
    "nobody-imports-the-entry",
    "worker/main.ts and worker/lab-main.ts are started, not imported; a test may wrap one in a worker that breaks on demand",
    { pathNot: ["^worker/(lab-)?main\\.ts$", "^test/browser/fixtures/"] },
    { path: "^worker/(lab-)?main\\.ts$" },
  ),
];

const page = [
  never(
    "page-sees-contract",
    "what runs in the page knows the worker by its contract alone, and reads a picture's header as it does",
    { path: "^src/", pathNot: "^src/(cli/|node/|app/intake/set-upright\\.ts$)" },
    { path: ["^worker/", "^datasets/", "^src/(cli|node)/", "^test/"], pathNot: inside("contract") },
  ),
  never(
    "node-library-sees-no-command",
    "src/node is what patchlight/node is; the command line is built on it",
    { path: "^src/node/" },
    { path: "^src/(?!node/)" },
  ),
  never(
    "library-sees-no-app",
    "src/index.ts is shipped without the demo app",
    { path: "^src/(index\\.ts|client/|overlay/)" },
    { path: "^src/app/" },
  ),
  {
    name: "library-is-light-and-importable-anywhere",
    comment: "nothing reachable from src/index.ts and src/overlay/index.ts needs tfjs, preact or Node",
    severity: "error",
    from: { path: "^src/(overlay/)?index\\.ts$" },
    to: { path: ["node_modules/(@tensorflow|preact|@preact)/", "^(@tensorflow|preact|@preact)/?"], reachable: true },
  },
];

const packages = [
  never(
    "tensors-stay-in-the-worker",
    "tfjs sits behind the folders that compute; the address of a .wasm file is not tfjs",
    {
      path: ["^worker/", "^src/", "^datasets/"],
      pathNot: inside("kernels", "layers", "models", "runtime", "explain", "training", "lab"),
    },
    { path: "@tensorflow/", pathNot: "\\.wasm$" },
  ),
  never(
    "no-union-package-in-the-browser",
    "@tensorflow/tfjs does not tree-shake: import -core and the backends",
    { path: ["^worker/", "^src/"] },
    { path: "@tensorflow/tfjs/" },
  ),
  never(
    "node-and-sharp-stay-out-of-the-browser",
    "only src/cli, src/node, datasets, test and the tools run in Node alone",
    { path: ["^worker/", "^src/"], pathNot: "^src/(cli|node)/" },
    { path: ["node_modules/sharp/", "^sharp$"] },
  ),
  never(
    "node-modules-stay-out-of-the-browser",
    "only src/cli, src/node, datasets, test and the tools run in Node alone",
    { path: ["^worker/", "^src/"], pathNot: "^src/(cli|node)/" },
    { dependencyTypes: ["core"] },
  ),
  never(
    "preact-stays-in-the-app",
    "the user interface library is for the demo app",
    { path: ["^worker/", "^src/", "^datasets/"], pathNot: "^src/app/" },
    { path: "node_modules/(@preact|preact)/" },
  ),
  never(
    "shipped-code-uses-shipped-packages",
    "what the package runs is among its dependencies; the app is bundled, so its packages need not be",
    { path: ["^worker/", "^src/"], pathNot: "^src/app/" },
    { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
  ),
];

const everywhere = [
  never("no-cycles", "a cycle is two files that are one", {}, { circular: true }),
  never(
    "no-orphans",
    "nobody imports this file and it imports nothing",
    { orphan: true, pathNot: ["\\.d\\.ts$", "^[^/]+\\.(js|cjs|ts)$", "^test/.*\\.test\\.tsx?$"] },
    {},
  ),
  never("nothing-unresolved", "the imported file exists", {}, { couldNotResolve: true }),
  never(
    "shipped-code-sees-no-tests",
    "tests import code, not the other way",
    { pathNot: "^(test|bench|tools|vite)" },
    {
      path: "^(test|tools|bench)/",
    },
  ),
];

module.exports = {
  forbidden: [...worker, ...page, ...packages, ...everywhere],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^worker/kernels/wasm/assembly/" }, // AssemblyScript: its compiler resolves it
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "node", "default"],
      mainFields: ["module", "main", "types"],
      extensions: [".ts", ".tsx", ".js", ".json", ".css"],
    },
  },
};
