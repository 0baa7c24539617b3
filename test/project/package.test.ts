import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { after, before, test } from "node:test";
import { environment, npm } from "./npm.js";
import { PackedPackage } from "./packed-package.js";
import { parseSource, root } from "./sources.js";

/** Where the packages are unpacked and used: folders that know nothing of the checkout. */
const scratch = mkdtempSync(join(tmpdir(), "nin-package-"));
const packedBytesAtMost = 1_200_000;

/** A file, or files by condition. */
type Target = string | { readonly [condition: string]: Target };

interface PackageManifest {
  readonly bin?: Record<string, string>;
  readonly exports: Record<string, Target>;
  readonly dependencies: Record<string, string>;
}

const read = ({ name, app }: PackedPackage, file: string): string =>
  readFileSync(join(app, "node_modules", name, file), "utf8");

const manifestOf = (installed: PackedPackage): PackageManifest =>
  JSON.parse(read(installed, "package.json")) as PackageManifest;

const library = new PackedPackage("nin-net", scratch);
const command = new PackedPackage("nin-cli", scratch);
const both = [library, command];

before(() => {
  for (const each of both) each.pack();
  library.install();
  command.install(library);
});

after(() => rmSync(scratch, { recursive: true, force: true }));

test("a package holds its program, its kernels and its papers, and nothing else", () => {
  for (const { name, files } of both) {
    const papers = ["LICENSE", "README.md", "package.json"];
    assert.deepEqual(files.filter((file) => !/^(?:bin|dist)\//.test(file)).sort(), papers, name);
    const foreign = files.filter(
      (file) => /^(?:bin|dist)\//.test(file) && !/^bin\/nin\.js$|\.(?:js|js\.map|d\.ts|wasm)$/.test(file),
    );
    assert.deepEqual(foreign, [], name);
    assert.deepEqual(
      files.filter((file) => /(?:^|\/)tests?\/|\.test\./.test(file)),
      [],
      name,
    );
  }
});

test("what the manifest names is there", () => {
  const pathsIn = (target: Target): string[] =>
    typeof target === "string" ? [target] : Object.values(target).flatMap(pathsIn);
  for (const each of both) {
    const { name, files } = each;
    const manifest = manifestOf(each);
    const targets = Object.values(manifest.exports).flatMap(pathsIn);
    for (const target of [...targets, ...Object.values(manifest.bin ?? {})]) {
      assert.ok(files.includes(posix.normalize(target)), `${target} is missing from ${name}`);
    }
  }
});

test("links of a packed README lead to packed files", () => {
  for (const each of both) {
    const links = [...read(each, "README.md").matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)].map(
      (match) => match[1]!,
    );
    assert.deepEqual(
      links.filter((link) => !each.files.includes(posix.normalize(link))),
      [],
      each.name,
    );
  }
});

test("every built kernel is packed", () => {
  const record = JSON.parse(readFileSync(join(root, "build", "kernels.json"), "utf8")) as string[];
  const built = record.map((file) => `dist/${file.replaceAll("\\", "/")}`);
  assert.notDeepEqual(built, []);
  assert.deepEqual(library.files.filter((file) => file.endsWith(".wasm")).sort(), built.sort());
});

test("imports lead to packed files or declared dependencies", () => {
  for (const each of both) {
    const declared = Object.keys(manifestOf(each).dependencies);
    const wrong = each.files
      .filter((file) => /\.(?:js|d\.ts)$/.test(file))
      .flatMap((file) =>
        parseSource(file, read(each, file))
          .imports.filter(({ specifier, file: target }) => {
            // A declaration may import from ./x.js, which is described by ./x.d.ts.
            if (target !== null) return !each.files.includes(target);
            return !specifier.startsWith("node:") && !declared.some((name) => isWithin(name, specifier));
          })
          .map(({ specifier }) => `${file} imports ${specifier}`),
      );
    assert.deepEqual(wrong, [], each.name);
  }
});

test("source maps carry their sources, since those are not packed", () => {
  for (const each of both) {
    for (const file of each.files.filter((name) => name.endsWith(".map"))) {
      const map = JSON.parse(read(each, file)) as { sources: string[]; sourcesContent?: (string | null)[] };
      assert.equal(map.sources.length, map.sourcesContent?.filter((text) => text !== null).length ?? 0, file);
    }
  }
});

/** The packages that are installed for an app, by the folder each lies in. */
function installedFor({ app }: PackedPackage): readonly string[] {
  const lockfile = JSON.parse(readFileSync(join(app, "package-lock.json"), "utf8")) as {
    packages: Record<string, { optional?: boolean; peer?: boolean }>;
  };
  return Object.entries(lockfile.packages)
    .filter(([path, { optional, peer }]) => path !== "" && !optional && !peer)
    .map(([path]) => path.replace(/^.*node_modules\//, ""));
}

test("the library brings at most five packages along, and no native addon", () => {
  const brought = installedFor(library).filter((name) => name !== library.name);
  assert.ok(brought.length <= 5, brought.join(", "));
  const addons = readdirSync(join(library.app, "node_modules"), { recursive: true, encoding: "utf8" });
  assert.deepEqual(
    addons.filter((file) => file.endsWith(".node")),
    [],
  );
});

test("the packed size stays within its limit", () => {
  for (const { name, size } of both) {
    assert.ok(size <= packedBytesAtMost, `${name}: ${size} bytes, at most ${packedBytesAtMost} expected`);
  }
});

test("an import from an empty folder trains two steps", () => {
  const program = `
    import { Conv2d, Flatten, getMnistData, ReLU, Sequential, AdaptiveAvgPool2d, trainCh } from "nin-net";
    const [trainIter, testIter] = await getMnistData(16, { dataset: "synthetic", limit: 32 });
    const net = new Sequential(new Conv2d(1, 10, 5, { stride: 2 }), new ReLU(), new AdaptiveAvgPool2d([1, 1]), new Flatten());
    const before = net.stateDict()["0.weight"].data.slice();
    const lines = [];
    const result = await trainCh(net, trainIter, testIter, { epochs: 1, lr: 0.1, log: (line) => lines.push(line) });
    const moved = net.stateDict()["0.weight"].data.some((value, i) => value !== before[i]);
    console.log(JSON.stringify({ steps: trainIter.batchCount, moved, lines, result }));
  `;
  writeFileSync(join(library.app, "two-steps.js"), program);
  const output = execFileSync(process.execPath, ["two-steps.js"], {
    cwd: library.app,
    env: environment(),
    encoding: "utf8",
  });
  const { steps, moved } = JSON.parse(output.trim().split("\n").at(-1)!);
  assert.deepEqual({ steps, moved }, { steps: 2, moved: true });
});

test("the command of an installed package trains two steps", () => {
  const args = "--no nin -- train --dataset drawn --limit 32 --batch-size 16 --epochs 1 --resize 96 --json";
  const output = npm(command.app, "exec", ...args.split(" "), "--out", join(scratch, "run"));
  const events = output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    events.filter(({ kind }) => kind === "step").map(({ epoch, step }) => ({ epoch, step })),
    [
      { epoch: 1, step: 1 },
      { epoch: 1, step: 2 },
    ],
  );
  assert.equal(events.at(-1).kind, "done");
  assert.equal(events.at(-1).reason, "finished");
  assert.ok(existsSync(join(scratch, "run", "checkpoint.safetensors")));
});

test("the declarations serve a strict program in another folder", () => {
  const program = `
    import { NinNet, trainCh, getMnistData, tryGpu } from "nin-net";
    const net: NinNet = new NinNet();
    const [trainIter, testIter] = await getMnistData(128, { resize: 224 });
    await trainCh(net, trainIter, testIter, { epochs: 10, lr: 0.1, device: await tryGpu() });
    // @ts-expect-error a word is no batch size
    await getMnistData("128");
    // @ts-expect-error the learning rate is missing
    await trainCh(net, trainIter, testIter, { epochs: 10 });
    // @ts-expect-error no such option
    new NinNet({ depth: 3 });
  `;
  writeFileSync(join(library.app, "strict.ts"), program);
  const options =
    "--noEmit --strict --exactOptionalPropertyTypes --target ES2022 --module NodeNext --types node";
  const typeRoots = join(root, "node_modules", "@types");
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  execTsc([tsc, ...options.split(" "), "--typeRoots", typeRoots, "strict.ts"]);
});

/** Runs tsc in the app's folder; its complaints are the failure's message. */
function execTsc(args: readonly string[]): void {
  try {
    execFileSync(process.execPath, args, { cwd: library.app, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    assert.fail((error as { stdout?: string }).stdout || String(error));
  }
}

function isWithin(packageName: string, specifier: string): boolean {
  return specifier === packageName || specifier.startsWith(`${packageName}/`);
}
