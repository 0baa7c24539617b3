import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
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

/** Starts a process as the first one of a PID namespace of its own, as a container does. */
const inOwnNamespace = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"];
const noNamespaces =
  spawnSync(inOwnNamespace[0]!, [...inOwnNamespace.slice(1), "true"]).status === 0
    ? false
    : "this user may not make PID namespaces";

/** Another process that takes the lock, says so, and waits. */
async function holder(
  path: string,
  wrapper: readonly string[] = [],
): Promise<{ pid: number; kill(): Promise<void> }> {
  const script = `
    const { lockRunFolder } = await import(${JSON.stringify(import.meta.resolve("#nin-cli/runs/run-folder-lock.js"))});
    await lockRunFolder(${JSON.stringify(path)});
    console.log("held");
    setInterval(() => {}, 1000);`;
  const [command, ...args] = [...wrapper, process.execPath, "--input-type=module", "--eval", script];
  const child = spawn(command!, args, {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const ended = once(child, "close").then(() => {
    throw new Error(errors);
  });
  await Promise.race([once(child.stdout!, "data"), ended]);
  ended.catch(() => {});
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
      `If that process has ended, remove ${file}.`,
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
    message: `${join(path, "run.lock")}: cannot be written: the folder ${path} does not exist. Make it, or choose another place.`,
  });
});

test("a living process of another PID namespace on the same host keeps its lock", {
  skip: noNamespaces,
}, async () => {
  const { path, file } = folder("container");
  const first = await holder(path, inOwnNamespace);
  try {
    const { pid, namespace } = JSON.parse(readFileSync(file, "utf8")) as { pid: number; namespace: string };
    assert.equal(pid, 1);
    assert.notEqual(namespace, readlinkSync("/proc/self/ns/pid"));
    await assert.rejects(lockRunFolder(path), {
      name: "DataError",
      message:
        `${path}: process 1 of another container trains in this folder. Wait for it or stop it, or choose another ` +
        `folder. If that process has ended, remove ${file}.`,
    });
    // And the other way round: from a container, a process of the host is not visible.
    const { path: ours } = folder("host");
    using _lock = await lockRunFolder(ours);
    await assert.rejects(
      holder(ours, inOwnNamespace).then((second) => second.kill()),
      /trains in this folder/,
    );
  } finally {
    await first.kill();
  }
});

/** A lock as this process would write it, but for some fields. */
async function lockLike(path: string, changed: object): Promise<void> {
  const lock = await lockRunFolder(path);
  const own = JSON.parse(readFileSync(join(path, "run.lock"), "utf8")) as object;
  lock[Symbol.dispose]();
  writeFileSync(join(path, "run.lock"), JSON.stringify({ ...own, ...changed }));
}

test("a lock of an earlier boot is stale on the same machine, and may be alive on one that is not known", async (t) => {
  if (process.platform !== "linux") return t.skip("only Linux tells one boot from another");
  const { path } = folder("boot");
  const before = "00000000-0000-4000-8000-000000000000 123";
  const machine = existsSync("/etc/machine-id") ? readFileSync("/etc/machine-id", "utf8").trim() : "";
  await lockLike(path, { began: before, machine: null });
  await assert.rejects(lockRunFolder(path), /trains in this folder/);
  rmSync(join(path, "run.lock"));
  await lockLike(path, { began: before, machine: "another machine" });
  await assert.rejects(lockRunFolder(path), /trains in this folder/);
  rmSync(join(path, "run.lock"));
  if (machine === "") return t.diagnostic("no /etc/machine-id: the same machine is not tested");
  await lockLike(path, { began: before, machine });
  (await lockRunFolder(path))[Symbol.dispose]();
});

test("whoever takes the lock removes what a killed process was writing", async () => {
  const { path } = folder("part");
  const kept = ["checkpoint.safetensors", "notes.part"];
  for (const name of [...kept, "checkpoint.safetensors.01234567-89ab-4cde-8f01-23456789abcd.part"]) {
    writeFileSync(join(path, name), "");
  }
  (await lockRunFolder(path))[Symbol.dispose]();
  assert.deepEqual(readdirSync(path).sort(), kept);
});
