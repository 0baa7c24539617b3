/** Streams that fail while the command works: it goes on, and what it could not deliver shows in its exit status. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { runNin, temporaryFolder } from "../cli/run-nin.js";

const training = "train --dataset drawn --limit 64 --batch-size 16 --epochs 1 --resize 67".split(" ");
const noFullDevice = existsSync("/dev/full") ? false : "no /dev/full here";
const noPython = spawnSync("python3", ["-c", "import pty"]).status === 0 ? false : "no python3 with pty here";

const lastEvent = (run: string) =>
  JSON.parse(readFileSync(join(run, "events.jsonl"), "utf8").trimEnd().split("\n").at(-1)!) as {
    kind: string;
    reason?: string;
  };

/** Runs a shell's command line on `"$@"`, which is the command with its arguments. */
function inShell(
  line: string,
  args: readonly string[],
): { status: number | null; stdout: string; stderr: string } {
  return spawnSync("bash", ["-c", line, "bash", process.execPath, "bin/nin.js", ...args], {
    encoding: "utf8",
  });
}

test("training goes on when the reader of both streams leaves, and its exit status tells", (t) => {
  const run = join(temporaryFolder(t), "run");
  const { status, stdout } = inShell('"$@" 2>&1 | head -1; exit $PIPESTATUS', [...training, "--out", run]);
  assert.match(stdout, /^NinNet, .*\n$/);
  assert.equal(status, 1);
  assert.deepEqual(lastEvent(run), { ...lastEvent(run), kind: "done", reason: "finished" });
  assert.ok(existsSync(join(run, "best.safetensors")));
});

test("training goes on when the reader of --json leaves, and its exit status tells", (t) => {
  const run = join(temporaryFolder(t), "run");
  const line = '"$@" --json | head -1; exit $PIPESTATUS';
  const { status, stdout } = inShell(line, [...training, "--out", run]);
  assert.equal((JSON.parse(stdout) as { kind: string }).kind, "start");
  assert.equal(status, 1);
  assert.equal(lastEvent(run).reason, "finished");
});

test("progress that a full disk does not take is dropped; the results are delivered", {
  skip: noFullDevice,
}, (t) => {
  const run = join(temporaryFolder(t), "run");
  const { status, stdout } = inShell('"$@" 2>/dev/full', [...training, "--out", run]);
  assert.match(stdout, /^loss .*, train acc .*, test acc /);
  assert.equal(status, 0);
  assert.equal(lastEvent(run).reason, "finished");
});

test("results that a full disk does not take are told on stderr, with exit status 1", {
  skip: noFullDevice,
}, () => {
  const { status, stderr } = inShell('"$@" >/dev/full', ["summary"]);
  assert.equal(
    stderr,
    "error: standard output: cannot be written: no space is left on the disk; what was to be printed is lost. Free some space on the disk.\n",
  );
  assert.equal(status, 1);
});

test("a second pair of streams that never were open changes nothing", (t) => {
  const run = join(temporaryFolder(t), "run");
  const { status } = inShell('"$@" <&- >&- 2>&-', [...training, "--out", run]);
  assert.equal(status, 0);
  assert.equal(lastEvent(run).reason, "finished");
});

/** Runs the command in a terminal of its own, which is closed once the screen shows a text. Prints the exit status. */
const closingTerminal = `
import os, pty, sys
text, *command = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(command[0], command)
screen = b""
while text.encode() not in screen:
    screen += os.read(terminal, 4096)
os.close(terminal)
_, status = os.waitpid(pid, 0)
print(os.waitstatus_to_exitcode(status))
`;

test("a terminal that is closed stops training with a checkpoint, and a resume ends as if nothing had happened", {
  skip: noPython,
}, async (t) => {
  const folder = temporaryFolder(t);
  const long = "train --dataset drawn --limit 640 --batch-size 16 --epochs 1 --resize 67".split(" ");
  const args = [...long, "--out", join(folder, "run")];
  const { stdout, stderr, status } = spawnSync(
    "python3",
    ["-c", closingTerminal, "images/s", process.execPath, "bin/nin.js", ...args],
    { encoding: "utf8" },
  );
  assert.deepEqual({ stdout, stderr, status }, { stdout: "129\n", stderr: "", status: 0 });
  assert.equal(lastEvent(join(folder, "run")).reason, "stopped");
  assert.ok(!existsSync(join(folder, "run", "run.lock")));
  assert.equal((await runNin(["train", "--resume", join(folder, "run")])).status, 0);
  assert.equal((await runNin([...long, "--out", join(folder, "whole")])).status, 0);
  const weights = (run: string) => readFileSync(join(folder, run, "best.safetensors")).subarray(-1_000_000);
  assert.deepEqual(weights("run"), weights("whole"));
});

test("without a terminal, as under nohup, a hangup changes nothing", async (t) => {
  const folder = temporaryFolder(t);
  const run = join(folder, "run");
  const log = openSync(join(folder, "log"), "w");
  const child = spawn("nohup", [process.execPath, "bin/nin.js", ...training, "--out", run], {
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  while (!readFileSync(join(folder, "log"), "utf8").includes("NinNet")) await delay(50);
  child.kill("SIGHUP");
  assert.deepEqual(await once(child, "exit"), [0, null]);
  assert.equal(lastEvent(run).reason, "finished");
});
