import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { workersThatFit } from "#nin-net/backends/wasm/address-space.js";

test("workers fit as far as there is address space for them and for the rest", () => {
  assert.equal(workersThatFit(16, Number.POSITIVE_INFINITY), 16);
  assert.equal(workersThatFit(4, 3.6e9), 3);
  assert.equal(workersThatFit(4, 1e9), 0);
  assert.equal(workersThatFit(4, -1), 0);
});

const linuxOnly = process.platform === "linux" ? false : "only Linux limits address space";

/** Opens the CPU with two threads and computes; says how many it got, or the sentence that it was refused with. */
const program = `
  import { openDevice } from ${JSON.stringify(import.meta.resolve("#nin-net/index.js"))};
  import { smallProgram } from ${JSON.stringify(import.meta.resolve("../faults/small-program.js"))};
  try {
    using device = await openDevice("cpu", { threads: 2 });
    using small = await smallProgram(device);
    await small.program.run(small.batch(4));
    console.log("threads: " + device.threads);
  } catch (error) {
    console.log(error.name + ": " + error.message);
  }
`.replaceAll("using ", "const ");

for (const gigabytes of [3, 4, 6, 8, 10, 12]) {
  test(`${gigabytes} GB of address space: computes, or says what to do`, { skip: linuxOnly }, () => {
    const limited = `ulimit -c 0; ulimit -v ${gigabytes}000000; exec "$0" "$@"`;
    const { status, stdout, stderr } = spawnSync(
      "sh",
      ["-c", limited, process.execPath, "--input-type=module", "--eval", program],
      { encoding: "utf8" },
    );
    assert.equal(status, 0, stderr);
    assert.match(
      stdout,
      /^(threads: [12]|NinError: The CPU backend cannot reserve memory .* --disable-wasm-trap-handler\.)\n$/,
    );
  });
}

test("the library loads no HTTP client: some Nodes cannot within 10 GB, and end the process", () => {
  const loaded = `
    import ${JSON.stringify(import.meta.resolve("#nin-net/index.js"))};
    console.log(process.moduleLoadList.filter((name) => name.includes("undici")).join());
  `;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", loaded], {
    encoding: "utf8",
  });
  assert.equal(stdout, "\n");
});
