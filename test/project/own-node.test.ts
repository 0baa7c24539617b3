import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../cli/run-nin.js";
import { npm } from "./npm.js";
import { root } from "./sources.js";

const bash = spawnSync("bash", ["-c", "true"]).status === 0;
const skip = bash ? false : "there is no bash, which does not look for another node as other shells do";

const json = <T>(file: string) => JSON.parse(readFileSync(join(root, file), "utf8")) as T;
const { scripts, allowScripts } = json<{
  scripts: { postinstall: string };
  allowScripts: Record<string, boolean>;
}>("package.json");

/** A checkout whose pinned Node is `program`, with the postinstall script of this one. */
function checkout(folder: string, program: string): string {
  const pinned = join(folder, "pinned");
  mkdirSync(join(pinned, "bin"), { recursive: true });
  writeFileSync(join(pinned, "bin", "node"), program);
  chmodSync(join(pinned, "bin", "node"), 0o755);
  write(pinned, { name: "node", version: "26.0.0", bin: { node: "bin/node" } });
  mkdirSync(join(folder, "scripts"));
  cpSync(join(root, "scripts", "own-node.sh"), join(folder, "scripts", "own-node.sh"));
  write(folder, {
    private: true,
    scripts: { postinstall: scripts.postinstall, prepare: "node -p \"'built on ' + process.execPath\"" },
    devDependencies: { node: "file:pinned" },
  });
  writeFileSync(join(folder, ".npmrc"), "script-shell=bash\noffline=true\naudit=false\nfund=false\n");
  return folder;
}

function write(folder: string, manifest: object): void {
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
}

const cannotRun: readonly (readonly [why: string, program: string])[] = [
  ["has no loader, as with musl", "#!/no/such/loader\n"],
  ["is refused by the C library", "#!/bin/sh\necho \"version 'GLIBC_2.28' not found\" >&2\nexit 1\n"],
];
for (const [why, program] of cannotRun) {
  test(`where the pinned Node ${why}, npm's scripts run on the machine's own`, { skip }, (t) => {
    const folder = checkout(temporaryFolder(t), program);
    const said = npm(folder, "install");
    assert.match(
      said,
      /^The pinned Node \(node_modules\/node\) cannot run on this system, so npm's scripts/m,
    );
    assert.ok(said.includes(process.version), said);
    assert.ok(said.includes(`built on ${process.execPath}`), said);
    assert.ok(!existsSync(join(folder, "node_modules", ".bin", "node")));
  });
}

test("a pinned Node that runs stays", { skip }, (t) => {
  const folder = checkout(temporaryFolder(t), `#!/bin/sh\nexec "${process.execPath}" "$@"\n`);
  const said = npm(folder, "install");
  assert.doesNotMatch(said, /pinned Node/);
  assert.ok(said.includes("built on"));
  assert.ok(existsSync(join(folder, "node_modules", ".bin", "node")));
});

test("other packages' install scripts, which would run on the pinned Node too early, are denied by name", () => {
  const { packages } = json<{ packages: Record<string, { hasInstallScript?: boolean }> }>(
    "package-lock.json",
  );
  const withScripts = Object.keys(packages).filter((path) => path !== "" && packages[path]!.hasInstallScript);
  const names = withScripts.map((path) =>
    path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length),
  );
  assert.deepEqual(allowScripts, Object.fromEntries(names.map((name) => [name, name === "node"])));
});
