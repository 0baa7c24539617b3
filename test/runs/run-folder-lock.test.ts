import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { lockRunFolder } from "#nin-cli/runs/run-folder-lock.js";

const scratch = mkdtempSync(join(tmpdir(), "nin-lock-"));
after(() => rmSync(scratch, { recursive: true }));

function folder(name: string): { path: string; file: string } {
  const path = mkdtempSync(join(scratch, `${name}-`));
  return { path, file: join(path, "run.lock") };
}

/** Another process that takes the lock, says so, and waits. */
async function holder(path: string): Promise<{ pid: number; kill(): Promise<void> }> {
  const script = `
    const { lockRunFolder } = await import(${JSON.stringify(import.meta.resolve("#nin-cli/runs/run-folder-lock.js"))});
    await lockRunFolder(${JSON.stringify(path)});
    console.log("held");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return {
    pid: child.pid!,
    async kill() {
      const ended = once(child, "close");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

test("is given back, once, and leaves nothing", async () => {
  const { path, file } = folder("free");
  const lock = await lockRunFolder(path);
  assert.ok(existsSync(file));
  lock[Symbol.dispose]();
  const again = await lockRunFolder(path);
  lock[Symbol.dispose](); // the first one has nothing to give back any more
  assert.ok(existsSync(file));
  again[Symbol.dispose]();
  assert.deepEqual(readdirSync(path), []);
});

test("another process is refused while the first one lives, and takes over when it is killed", async () => {
  const { path, file } = folder("two");
  const first = await holder(path);
  try {
    await assert.rejects(lockRunFolder(path), {
      name: "DataError",
      message: `${path}: process ${first.pid} trains in this folder. Wait for it or stop it, or choose another folder.`,
    });
  } finally {
    await first.kill();
  }
  assert.ok(existsSync(file), "a killed process leaves its lock");
  const lock = await lockRunFolder(path);
  assert.equal((JSON.parse(readFileSync(file, "utf8")) as { pid: number }).pid, process.pid);
  lock[Symbol.dispose]();
  assert.deepEqual(readdirSync(path), []);
});

test("of several that find a dead process's lock one takes it over", async () => {
  const { path, file } = folder("race");
  writeFileSync(file, JSON.stringify({ pid: process.pid, host: hostname(), began: "another boot 1" }));
  const results = await Promise.allSettled([1, 2, 3, 4].map(() => lockRunFolder(path)));
  assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
  for (const result of results) {
    if (result.status === "rejected") assert.match(String(result.reason), /trains in this folder/);
    else result.value[Symbol.dispose]();
  }
});

const elsewhere = process.platform === "linux" ? false : "only Linux tells when a process began";
test("a process of the same number that began later is another one", { skip: elsewhere }, async () => {
  const { path, file } = folder("reused");
  writeFileSync(file, JSON.stringify({ pid: process.pid, host: hostname(), began: "another boot 1" }));
  (await lockRunFolder(path))[Symbol.dispose]();
});

test("of another machine's process nothing can be told: refused, with what to do", async () => {
  const { path, file } = folder("host");
  writeFileSync(file, JSON.stringify({ pid: 1, host: "elsewhere", began: null }));
  await assert.rejects(lockRunFolder(path), {
    message:
      `${path}: process 1 on elsewhere trains in this folder. Wait for it or stop it, or choose another folder. ` +
      `If that one is no more, remove ${file}.`,
  });
});

test("a lock whose process died while writing it is taken over", async () => {
  const { path, file } = folder("empty");
  writeFileSync(file, "");
  (await lockRunFolder(path))[Symbol.dispose]();
  assert.deepEqual(readdirSync(path), []);
});

test("a folder that cannot be written to is refused by name", async () => {
  const path = join(scratch, "none");
  await assert.rejects(lockRunFolder(path), {
    message: `${join(path, "run.lock")}: cannot be written (ENOENT). Choose a folder that can be written to.`,
  });
});
