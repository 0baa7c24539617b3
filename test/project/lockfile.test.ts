import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "./sources.js";

interface Lockfile {
  readonly packages: Record<string, LockedPackage>;
}

interface LockedPackage {
  readonly resolved?: string;
  /** A package of this checkout. */
  readonly link?: boolean;
  readonly integrity?: string;
  readonly version?: string;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
}

const json = <T>(file: string) => JSON.parse(readFileSync(join(root, file), "utf8")) as T;

/** Lock files by their folder, and the folders of the packages that each locks, from there. */
const locks: Readonly<Record<string, readonly string[]>> = {
  "": ["", "packages/nin-net", "packages/nin-cli", "test/dependencies"],
  "test/bundlers": [""],
  "docs/api": [""],
};

for (const lock of Object.keys(locks)) {
  test(`${join(lock, "package-lock.json")} pins contents and names no registry, so that any mirror serves`, () => {
    const { packages } = json<Lockfile>(join(lock, "package-lock.json"));
    const locked = Object.entries(packages).filter(
      ([path, { link }]) => path.startsWith("node_modules/") && !link,
    );
    assert.ok(locked.length > 0);
    assert.deepEqual(
      locked.filter(([, entry]) => entry.resolved !== undefined).map(([path]) => path),
      [],
    );
    assert.deepEqual(
      locked.filter(([, entry]) => !entry.integrity?.startsWith("sha512-")).map(([path]) => path),
      [],
    );
  });
}

for (const [lock, folder] of Object.entries(locks).flatMap(([lock, folders]) =>
  folders.map((folder) => [lock, folder] as const),
)) {
  test(`the lock file is in step with ${join(lock, folder, "package.json")}`, () => {
    const manifest = json<LockedPackage>(join(lock, folder, "package.json"));
    const { dependencies, devDependencies } = json<Lockfile>(join(lock, "package-lock.json")).packages[
      folder
    ]!;
    assert.deepEqual(
      { dependencies, devDependencies },
      { dependencies: manifest.dependencies, devDependencies: manifest.devDependencies },
    );
  });
}

test("no tracked file names a place on somebody's machine", (t) => {
  if (!existsSync(join(root, ".git"))) return t.skip("not a git checkout");
  const tracked = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" }).split("\0");
  const checkout = root.replace(/[\\/]$/, "");
  const personal = /(?:^|[\s"'`(=:])(?:\/(?:home|Users|root)\/\w|[A-Z]:\\Users\\)/m;
  const wrong = tracked
    .filter((file) => file !== "" && existsSync(join(root, file)))
    .map((file) => ({ file, text: readFileSync(join(root, file), "utf8") }))
    .filter(({ text }) => personal.test(text) || text.includes(checkout))
    .map(({ file }) => file);
  assert.deepEqual(wrong, []);
});
