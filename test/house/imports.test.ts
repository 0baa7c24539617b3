import assert from "node:assert/strict";
import { test } from "node:test";
import { ops } from "#src/ops/ops.js";
import { parseSource, type Source, sourcesUnder } from "./sources.js";

/** What a folder of src/ may import from: data flows one way, and so does knowledge. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  base: [],
  data: ["base"],
  graph: ["base"],
  ops: ["base", "graph"],
  passes: ["base", "graph", "ops"],
  backends: ["base", "graph", "ops", "passes"],
  nn: ["base", "graph", "ops", "backends"],
  interop: ["base", "graph", "ops", "backends", "nn"],
  train: ["base", "data", "graph", "ops", "backends", "nn", "interop"],
  explain: ["base", "data", "graph", "ops", "backends", "nn", "interop", "train"],
  report: ["base", "data", "graph", "ops", "backends", "nn", "interop", "train", "explain"],
  serve: ["base", "data", "graph", "ops", "backends", "nn", "interop", "train", "explain", "report"],
  cli: ["base", "data", "graph", "ops", "backends", "nn", "interop", "train", "explain", "report", "serve"],
};

/** The graph works with any op: of src/ops/ it knows the types, and these values, none of which is a chosen op. */
const graphMayUse = ["src/ops/define.ts"];
/** The chain rule itself is a sum over a value's uses. */
const chainRule = { from: "src/graph/gradients.ts", to: "src/ops/add.ts" };

/** Where Node's own modules may be used; everything else runs in browsers too. */
const nodeOnly = [
  /^src\/cli\//, // a program for the terminal
  /^src\/report\//, // writes pictures and pages to disk
  /^src\/interop\/[\w-]+-node\.ts$/, // files of weights
  /^src\/explain\/[\w-]+-node\.ts$/, // picture files and lettering
  /^src\/serve\//, // a server
  /^src\/data\/(?:data-places|download-files|load-dataset|make-folders|read-dataset|read-idx-file)\.ts$/, // files, downloads
  /^src\/train\/run-folder[\w-]*\.ts$/, // a run on disk
  /^src\/backends\/[\w-]+\/(?:[\w-]+-)?node(?:-[\w-]+)?\.ts$/, // threads and engine flags of Node
];

const sources = sourcesUnder("src");

/** The folder of src/ that a file lies in; null for src/index.ts, which gathers all. */
function folderOf(path: string): string | null {
  return /^src\/([^/]+)\//.exec(path)?.[1] ?? null;
}

function wrongImports(files: readonly Source[]): string[] {
  return files.flatMap(({ path, imports }) => {
    const folder = folderOf(path);
    if (folder === null) return [];
    return imports.flatMap(({ file, specifier, typeOnly }) => {
      const target = file === null ? folder : folderOf(file);
      if (target === folder || (target !== null && mayImport[folder]?.includes(target))) return [];
      if (folder === "graph" && target === "ops") {
        if (typeOnly || graphMayUse.includes(file!)) return [];
        if (path === chainRule.from && file === chainRule.to) return [];
      }
      return [`${path} imports ${specifier}`];
    });
  });
}

function nodeImports(files: readonly Source[]): string[] {
  return files.flatMap(({ path, imports }) =>
    imports
      .filter(({ specifier, typeOnly }) => specifier.startsWith("node:") && !typeOnly)
      .filter(() => !nodeOnly.some((place) => place.test(path)))
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

test("every folder of src has its place in the order", () => {
  const folders = new Set(sources.map(({ path }) => folderOf(path)).filter((folder) => folder !== null));
  assert.deepEqual(
    [...folders].filter((folder) => !Object.hasOwn(mayImport, folder)),
    [],
  );
});

test("a folder imports only from those before it", () => {
  assert.deepEqual(wrongImports(sources), []);
});

test("no import cycle hides behind the order of the folders", () => {
  assert.deepEqual(cycles(sources), []);
});

test("Node's own modules are used only where the library cannot run in a browser anyway", () => {
  assert.deepEqual(nodeImports(sources), []);
});

test("the graph and its passes never ask for an op by name", () => {
  const shared = sources.filter(({ path }) => ["graph", "passes"].includes(folderOf(path) ?? ""));
  assert.notDeepEqual(shared, []);
  assert.deepEqual(opsNamed(shared), []);
});

test("these checks see what they forbid", () => {
  const of = (path: string, text: string) => [parseSource(path, text)];
  const upward = 'import { x } from "../cli/x.ts";\nexport type { Y } from "../nn/y.ts";\n';
  assert.deepEqual(wrongImports(of("src/ops/relu.ts", upward)), [
    "src/ops/relu.ts imports ../cli/x.ts",
    "src/ops/relu.ts imports ../nn/y.ts",
  ]);
  assert.deepEqual(
    wrongImports(of("src/graph/node.ts", 'import {\n  relu,\n  type A,\n} from "../ops/relu.ts";')),
    ["src/graph/node.ts imports ../ops/relu.ts"],
  );
  assert.deepEqual(wrongImports(of("src/graph/node.ts", 'import type { A } from "../ops/relu.ts";')), []);
  assert.deepEqual(wrongImports(of("src/nn/a.ts", 'const b = await import("../train/b.ts");')), [
    "src/nn/a.ts imports ../train/b.ts",
  ]);
  assert.deepEqual(
    wrongImports(of("src/nn/a.ts", '/** import { b } from "../train/b.ts" */\n// "../x"')),
    [],
  );
  assert.deepEqual(nodeImports(of("src/nn/a.ts", 'import "node:fs";')), ["src/nn/a.ts imports node:fs"]);
  assert.deepEqual(opsNamed(of("src/graph/a.ts", 'node.op.opName === name; ops.relu; "conv2d"')), [
    "src/graph/a.ts mentions opName",
    "src/graph/a.ts mentions relu",
    "src/graph/a.ts mentions conv2d",
  ]);
  assert.deepEqual(
    cycles([parseSource("src/a.ts", 'import "./b.ts";'), parseSource("src/b.ts", 'import "./a.ts";')]),
    ["src/a.ts -> src/b.ts -> src/a.ts"],
  );
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
      const amongOps = folderOf(path) === "ops" && file !== null && folderOf(file) === "ops";
      if (file !== null && !typeOnly && !amongOps) visit(file, [...trail, path]);
    }
    done.add(path);
  };
  for (const path of byPath.keys()) visit(path, []);
  return found;
}
