import assert from "node:assert/strict";
import { test } from "node:test";
import { ops } from "#nin-net/ops/ops.js";
import { parseSource, type Source, sourcesUnder } from "./sources.js";

const library = "packages/nin-net/src";
const command = "packages/nin-cli/src";

/** What a folder of the library may import from: data flows one way, and so does knowledge. */
const libraryOrder: Readonly<Record<string, readonly string[]>> = {
  core: [],
  data: ["core"],
  graph: ["core"],
  ops: ["core", "graph"],
  passes: ["core", "graph", "ops"],
  ranks: ["core"],
  backends: ["core", "graph", "ops", "passes", "ranks"],
  nn: ["core", "graph", "ops", "backends"],
  models: ["core", "nn"],
  interop: ["core", "graph", "ops", "backends", "nn"],
  optim: ["core", "graph", "ops"],
  augment: ["core", "graph", "ops"],
  train: ["core", "data", "augment", "graph", "ops", "ranks", "backends", "nn", "models", "interop", "optim"],
  inference: ["core", "data", "graph", "ops", "backends", "nn"],
  explain: ["core", "data", "graph", "ops", "backends", "nn", "inference"],
};

/** The same of the command; the library it knows by its name alone, "nin-net". */
const commandOrder: Readonly<Record<string, readonly string[]>> = {
  terminal: [],
  options: ["terminal"],
  pictures: ["terminal", "options"],
  runs: ["terminal", "options", "report"],
  report: ["terminal", "options", "runs", "pictures"],
  serve: ["pictures"],
  "picture-folder": ["terminal", "options", "pictures", "runs"],
  statistics: [],
  compare: ["terminal", "options", "runs", "report", "statistics"],
  sweep: ["terminal", "options", "runs", "report", "picture-folder", "compare"],
  commands: [
    "terminal",
    "options",
    "runs",
    "pictures",
    "report",
    "serve",
    "picture-folder",
    "statistics",
    "compare",
    "sweep",
  ],
};

const mayImport: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  [library]: libraryOrder,
  [command]: commandOrder,
};

/** The chain rule itself is a sum over a value's uses. */
const chainRule = { from: `${library}/graph/autodiff.ts`, to: `${library}/ops/add.ts` };

/** Where the library may use Node's own modules; everything else runs in browsers too. */
const nodeOnly = [
  /^interop\/[\w-]+-node\.ts$/, // files of weights
  /^data\/(?:data-locations|download-files|env-proxy|flush|load-dataset|make-folders|npm\/npm-[\w-]+|official-content|read-dataset|formats\/read-data-file)\.ts$/, // files, downloads, npm
  /^ranks\/[\w-]+-node\.ts$/, // MPI
  /^backends\/[\w-]+\/(?:[\w-]+-)?node(?:-[\w-]+)?\.ts$/, // threads and engine flags of Node
].map((place) => new RegExp(place.source.replace("^", `^${library}/`)));

const sources = [...sourcesUnder(library), ...sourcesUnder(command)];

/** The package and the folder of its sources that a file lies in; the folder is null for an entry, which gathers all. */
function placeOf(path: string): { readonly home: string; readonly folder: string | null } {
  const [, home = "", folder = null] = /^(packages\/[\w-]+\/src)\/(?:([^/]+)\/)?/.exec(path) ?? [];
  return { home, folder };
}

function wrongImports(files: readonly Source[]): string[] {
  return files.flatMap(({ path, imports }) => {
    const { home, folder } = placeOf(path);
    return imports.flatMap(({ file, specifier }) => {
      if (file === null) return [];
      const target = placeOf(file);
      const isAllowed =
        target.home === home &&
        (folder === null ||
          target.folder === folder ||
          mayImport[home]?.[folder]?.includes(target.folder ?? ""));
      if (isAllowed || (path === chainRule.from && file === chainRule.to)) return [];
      return [`${path} imports ${specifier}`];
    });
  });
}

function nodeImports(files: readonly Source[]): string[] {
  return files.flatMap(({ path, imports }) =>
    imports
      .filter(({ specifier, typeOnly }) => specifier.startsWith("node:") && !typeOnly)
      .filter(() => path.startsWith(library) && !nodeOnly.some((place) => place.test(path)))
      .map(({ specifier }) => `${path} imports ${specifier}`),
  );
}

function opsNamed(files: readonly Source[]): string[] {
  return files.flatMap(({ path, code }) =>
    [...code.matchAll(/"([^"\n]*)"|\b(opName)\s*[!=]==?|\bcase\s+ops\.(\w+)|\bops\.(\w+)/g)]
      .map((match) => match.slice(1).find((part) => part !== undefined)!)
      .filter((name) => name === "opName" || Object.hasOwn(ops, name))
      .map((name) => `${path} mentions ${name}`),
  );
}

test("every folder has its place in the order", () => {
  const places = sources.map(({ path }) => placeOf(path));
  const unknown = places.filter(({ home, folder }) => folder !== null && !(folder in mayImport[home]!));
  assert.deepEqual(unknown, []);
});

test("a folder imports only from those before it, and a package from another only by its name", () => {
  assert.deepEqual(wrongImports(sources), []);
});

test("no import cycle hides behind the order of the folders", () => {
  assert.deepEqual(cycles(sources), []);
});

test("Node's own modules are used only where the library cannot run in a browser anyway", () => {
  assert.deepEqual(nodeImports(sources), []);
});

/**
 * Code for any op: the graph, the passes, what backends share, and the WebGPU backend but for its kernels and the
 * self-test of tensor cores.
 */
const opAgnostic =
  /^packages\/nin-net\/src\/(?:graph\/|passes\/|backends\/(?:webgpu\/(?!kernels\.ts|tensor-cores\.ts))?[\w-]+\.ts$)/;

test("the graph, its passes and the shared code of backends never ask for an op by name", () => {
  const shared = sources.filter(({ path }) => opAgnostic.test(path));
  assert.notDeepEqual(shared, []);
  assert.deepEqual(opsNamed(shared), []);
});

test("these checks see what they forbid", () => {
  const of = (path: string, text: string) => [parseSource(`${library}/${path}`, text)];
  const upward =
    'import { x } from "../../../nin-cli/src/main.ts";\nexport type { Y } from "../nn/y.ts";\nimport z from "zod";\n';
  assert.deepEqual(wrongImports(of("ops/relu.ts", upward)), [
    `${library}/ops/relu.ts imports ../../../nin-cli/src/main.ts`,
    `${library}/ops/relu.ts imports ../nn/y.ts`,
  ]);
  assert.deepEqual(
    wrongImports(of("graph/node.ts", 'import {\n  relu,\n  type A,\n} from "../ops/relu.ts";')),
    [`${library}/graph/node.ts imports ../ops/relu.ts`],
  );
  assert.deepEqual(wrongImports(of("nn/a.ts", 'const b = await import("../train/b.ts");')), [
    `${library}/nn/a.ts imports ../train/b.ts`,
  ]);
  assert.deepEqual(wrongImports(of("nn/a.ts", '/** import { b } from "../train/b.ts" */\n// "../x"')), []);
  assert.deepEqual(nodeImports(of("nn/a.ts", 'import "node:fs";')), [`${library}/nn/a.ts imports node:fs`]);
  assert.deepEqual(opsNamed(of("graph/a.ts", 'node.op.opName === name; ops.relu; "conv2d"')), [
    `${library}/graph/a.ts mentions opName`,
    `${library}/graph/a.ts mentions relu`,
    `${library}/graph/a.ts mentions conv2d`,
  ]);
  const circle = [...of("a.ts", 'import "./b.ts";'), ...of("b.ts", 'import "./a.ts";')];
  assert.deepEqual(cycles(circle), [`${library}/a.ts -> ${library}/b.ts -> ${library}/a.ts`]);
});

/** Cycles among imports that exist at run time, each once; ops may name each other in their gradient rules. */
function cycles(files: readonly Source[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start !== -1) found.push([...trail.slice(start), path].join(" -> "));
    if (start !== -1 || done.has(path)) return;
    for (const { file, typeOnly } of byPath.get(path)?.imports ?? []) {
      const isOp = (name: string | null) => name !== null && placeOf(name).folder === "ops";
      const amongOps = isOp(path) && isOp(file);
      if (file !== null && !typeOnly && !amongOps) visit(file, [...trail, path]);
    }
    done.add(path);
  };
  for (const path of byPath.keys()) visit(path, []);
  return found;
}
