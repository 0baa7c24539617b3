import assert from "node:assert/strict";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { runNpm } from "#nin-net/data/npm/npm-client.js";
import { TemporaryFolder } from "../fixtures.js";
import { withEnvironment } from "./registry.js";

const isWindows =
  process.platform === "win32" ? "a program without an ending cannot be npm on Windows" : false;

/** Runs `npm view some-package version` where the npm on PATH is a Node program with this text. */
async function runFake(
  program: string,
  options: { seconds?: number; signal?: AbortSignal } = {},
): Promise<void> {
  using folder = new TemporaryFolder();
  const file = join(folder.path, "npm");
  writeFileSync(file, `#!${process.execPath}\n${program}\n`);
  chmodSync(file, 0o755);
  const env = { PATH: `${folder.path}${delimiter}${dirname(process.execPath)}`, npm_execpath: undefined };
  await withEnvironment(env, () =>
    runNpm(["view", "some-package", "version"], { cwd: folder.path, seconds: 20, ...options }),
  );
}

const failing = (stdout: string, stderr: string) =>
  `process.stdout.write(${JSON.stringify(stdout)}); process.stderr.write(${JSON.stringify(stderr)}); process.exitCode = 1;`;

test("gives npm its words and waits for its end", { skip: isWindows }, async () => {
  const check = 'if (process.argv.slice(2, 5).join() !== "view,some-package,version") process.exitCode = 3;';
  await runFake(check);
  await assert.rejects(runFake("process.exitCode = 3;"), /^Error: npm ended with status 3\.$/);
});

test("tells npm's reason in one sentence, and no password", { skip: isWindows }, async () => {
  const summary = "FetchError: request to https://me:secret@registry.example/x failed\nand more";
  const json = JSON.stringify({ error: { code: "ECONNREFUSED", summary } });
  await assert.rejects(
    runFake(failing(json, "npm error code ECONNREFUSED")),
    /^Error: request to https:\/\/registry\.example\/x failed\.$/,
  );
  for (const prefix of ["npm error", "npm ERR!"]) {
    await assert.rejects(
      runFake(failing("", `${prefix} code E1\n${prefix} the disk is full\n`)),
      /^Error: the disk is full\.$/,
    );
  }
  await assert.rejects(runFake("throw new Error('no such file');"), /^Error: no such file\.$/);
  await assert.rejects(runFake(failing("[]", "")), /^Error: npm ended with status 1\.$/);
});

test("gives up an npm that hangs, even one that ignores signals, and ends it", {
  skip: isWindows,
}, async () => {
  using folder = new TemporaryFolder();
  const pidFile = join(folder.path, "pid");
  const hanging =
    `require("node:fs").writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); ` +
    'process.on("SIGTERM", () => {}); setTimeout(() => {}, 15_000);';
  const ended = async (): Promise<void> => {
    const pid = Number(readFileSync(pidFile, "utf8"));
    for (let tries = 0; isRunning(pid); tries++) {
      assert.ok(tries < 50, "npm still runs");
      await wait(100);
    }
  };
  await assert.rejects(runFake(hanging, { seconds: 2 }), /^Error: npm was not done after 2 seconds\.$/);
  await ended();
  const stop = new AbortController();
  const reason = new Error("the user has had enough");
  setTimeout(() => stop.abort(reason), 2000);
  await assert.rejects(runFake(hanging, { signal: stop.signal }), reason);
  await ended();
  await assert.rejects(runFake(hanging, { signal: stop.signal }), reason);
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test("says that there is no npm", async () => {
  using folder = new TemporaryFolder();
  const env = { PATH: folder.path, npm_execpath: undefined };
  const run = () => withEnvironment(env, () => runNpm(["view", "x"], { cwd: folder.path, seconds: 20 }));
  await assert.rejects(run(), process.platform === "win32" ? /npm/ : /^Error: there is no npm on PATH\.$/);
});

test("takes the npm that runs the program, but no other package manager", { skip: isWindows }, async () => {
  using folder = new TemporaryFolder();
  const call = (execpath: string) =>
    withEnvironment({ npm_execpath: execpath, PATH: folder.path }, () =>
      runNpm(["view", "x"], { cwd: folder.path, seconds: 20 }),
    );
  const [own, other] = [join(folder.path, "npm-cli.js"), join(folder.path, "yarn.js")];
  for (const file of [own, other]) writeFileSync(file, "process.exitCode = 7;");
  await assert.rejects(call(own), /npm ended with status 7/);
  await assert.rejects(call(other), /there is no npm on PATH/);
});

test("hands a shell nothing but plain words", async () => {
  for (const word of ["a b", "a&b", "%PATH%", "$(x)", "a;b", '"', "a\nb"]) {
    await assert.rejects(runNpm(["view", word], { cwd: ".", seconds: 1 }), /^Error: npm is not given /);
  }
});
