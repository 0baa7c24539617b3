import assert from "node:assert/strict";
import { join } from "node:path";
import { temporaryFolder } from "../cli/run-nin.js";
import { cannotLaunch, launch, openMpi, rankProcesses } from "../ranks/mpirun.js";
import { cannotMakeHosts, TwoHosts } from "../ranks/two-hosts.js";
import { faultTest } from "./fault-test.js";
import { calmRun, checkResumed, checkWhole, errorOf, leftAfter } from "./rank-runs.js";
import { bitsOf } from "./run-bits.js";

const skip = cannotLaunch(openMpi) || cannotMakeHosts;

faultTest(
  "linkSlow",
  async (happens, t) => {
    const { scratch, begin, bits } = await calmRun(temporaryFolder(t));
    using hosts = new TwoHosts();
    hosts.slowDown(5000);
    const path = join(scratch, "run");
    const calls = [{ ranks: 3, args: [...begin, "--threads", "1", "--out", path] }];
    const ended = await launch(hosts.launcher, calls);
    assert.equal(ended.status, 0, ended.stderr);
    await happens("they come to the bits of one process", async () =>
      assert.deepEqual(await bitsOf(path), bits),
    );
    const { receivedBytes, lostPackets } = hosts.traffic();
    // Nine steps, each of which sends the gradients of 5,218 weights at least.
    assert.ok(receivedBytes > 9 * 4 * 5218, `${receivedBytes} bytes over the network`);
    assert.ok(lostPackets > 0);
    return undefined;
  },
  { skip, timeout: 600_000 },
);

faultTest(
  "linkCut",
  async (happens, t) => {
    const calm = await calmRun(temporaryFolder(t));
    const path = join(calm.scratch, "run");
    using hosts = new TwoHosts();
    hosts.slowDown(5000); // so that steps take long enough to be cut within
    let left: readonly number[] | undefined;
    let watching = Promise.resolve();
    const cut = async (): Promise<void> => {
      hosts.cut();
      left = await leftAfter(() => rankProcesses(path), 5 + 20);
    };
    const act = (): void => {
      watching = cut();
    };
    const ended = await launch(
      hosts.launcher,
      [{ ranks: 3, args: [...calm.begin, "--threads", "1", "--rank-timeout", "5", "--out", path] }],
      { at: { text: '"kind":"step","epoch":2,"step":1', act } },
    );
    await watching;
    await happens("20 seconds after --rank-timeout no rank is left", () => assert.deepEqual(left, []));
    await happens("the launcher ends once TCP gives up (`net.ipv4.tcp_retries2`)", async () => {
      assert.notEqual(ended.status, 0);
      assert.deepEqual(await leftAfter(() => hosts.processes(), 60), []);
    });
    await happens("the last checkpoint is whole", () => checkWhole(path));
    await happens("resumed by one process, it comes to the same bits", () => checkResumed(calm, path));
    return errorOf(ended)
      .replace(/^Rank \d on \S+/, "Rank <number> on <host>")
      .replace("for 5 seconds", "for <n> seconds");
  },
  { skip, timeout: 600_000 },
);
