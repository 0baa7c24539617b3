import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "./sources.js";

interface LockedPackage {
  /** Where a package of this checkout lies, if it is one. */
  readonly resolved?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
}

const json = (file: string) => JSON.parse(readFileSync(join(root, file), "utf8"));
const locked = json("package-lock.json").packages as Readonly<Record<string, LockedPackage>>;
const page = readFileSync(join(root, "docs", "dependencies.md"), "utf8");

/** The platform that docs/dependencies.md speaks of. */
function isForLinux({ os, cpu, libc }: LockedPackage): boolean {
  return (
    (os?.includes("linux") ?? true) && (cpu?.includes("x64") ?? true) && (libc?.includes("glibc") ?? true)
  );
}

/** Where Node finds a package from another one: in its own node_modules, or in those above it. */
function found(name: string, from: string): string | undefined {
  const path = `${from === "" ? "" : `${from}/`}node_modules/${name}`;
  if (path in locked) return path;
  return from === ""
    ? undefined
    : found(name, from.slice(0, Math.max(0, from.lastIndexOf("/node_modules/"))));
}

/** What an install of a package brings, itself left out. */
function broughtBy(folder: string): string[] {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    const { dependencies, optionalDependencies } = locked[path]!;
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const target = found(name, path);
      if (target === undefined || seen.has(target) || !isForLinux(locked[target]!)) continue;
      seen.add(target);
      const { link, resolved } = locked[target]!;
      visit(link === true ? resolved! : target);
    }
  };
  visit(folder);
  return [...seen].map((path) => path.replace(/^node_modules\//, "")).sort();
}

test("the library brings three packages, none of which runs anything at its install", () => {
  const brought = broughtBy("packages/nin-net");
  assert.deepEqual(brought, ["@bufbuild/protobuf", "fflate", "zod"]);
  for (const name of brought) assert.ok(!locked[`node_modules/${name}`]!.hasInstallScript, name);
  assert.match(page, /^\| `npm i nin-net`, the library +\| 3 /m);
});

test("the command brings as many packages as docs/dependencies.md says", () => {
  const brought = broughtBy("packages/nin-cli");
  const [, count] = /^\| `npm i nin-cli`, the command +\| (\d+) /m.exec(page)!;
  assert.equal(brought.length, Number(count), brought.join(", "));
});

test("docs/dependencies.md says what each dependency is for", () => {
  const folders = ["", "packages/nin-net", "packages/nin-cli", "test/dependencies", "docs/api"];
  const declared = folders.flatMap((folder) => {
    const { dependencies, devDependencies } = json(join(folder, "package.json")) as LockedPackage;
    return Object.keys({ ...dependencies, ...devDependencies });
  });
  assert.deepEqual(
    declared.filter((name) => !page.includes(`\`${name}\``)),
    [],
  );
});
