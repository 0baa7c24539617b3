import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

/** A program that heeds the first Ctrl-C by printing `stopping`, and then never ends by itself. */
const program = `
  import { listenForStop } from ${JSON.stringify(import.meta.resolve("#nin-cli/terminal/stop-signal.js"))};
  const stop = listenForStop(() => console.log("stopping"));
  stop.signal.addEventListener("abort", () => console.log("status " + stop.status));
  setInterval(() => {}, 1000);
  console.log("ready");
`;

/** The same, which begins to listen when the channel is gone. */
const lateProgram = `
  import { listenForStop } from ${JSON.stringify(import.meta.resolve("#nin-cli/terminal/stop-signal.js"))};
  function start() {
    listenForStop(() => console.log("stopping"));
    setInterval(() => {}, 1000);
  }
  // Node 20 may have told of the end before this line.
  if (process.connected) process.once("disconnect", () => setTimeout(start));
  else start();
`;

async function startProgram(
  channel: "ipc" | "ignore" = "ignore",
): Promise<{ child: ChildProcess; printed: (text: string) => Promise<void> }> {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit", channel],
  });
  let text = "";
  child.stdout!.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const printed = async (wanted: string) => {
    while (!text.includes(wanted)) await once(child.stdout!, "data");
  };
  await printed("ready");
  return { child, printed };
}

for (const [signal, status] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  test(`a second ${signal} ends the process at once, with status ${status}`, async () => {
    const { child, printed } = await startProgram();
    child.kill(signal);
    await printed(`status ${status}`);
    await delay(600); // two signals within 0.4 s are one keypress
    child.kill(signal);
    assert.deepEqual(await once(child, "exit"), [status, null]);
  });
}

test("the end of the channel to the process that started it stops it, whenever it comes", {
  timeout: 60_000,
}, async () => {
  const { child, printed } = await startProgram("ipc");
  child.disconnect();
  await printed("status 143");
  child.kill("SIGKILL");
  const late = spawn(process.execPath, ["--input-type=module", "--eval", lateProgram], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  late.disconnect();
  const [text] = (await once(late.stdout!.setEncoding("utf8"), "data")) as [string];
  assert.match(text, /^stopping\n/);
  late.kill("SIGKILL");
});

test("a copy of the first Ctrl-C, as npm passes it on, is not a second one", async () => {
  const { child, printed } = await startProgram();
  child.kill("SIGINT");
  await printed("stopping");
  child.kill("SIGINT");
  await delay(200);
  assert.equal(child.exitCode, null);
  child.kill("SIGKILL");
});
