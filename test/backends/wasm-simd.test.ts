import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { openWasm } from "#nin-net/backends/wasm/device.js";
import type { WasmOptions } from "#nin-net/backends/wasm/options.js";
import { wideSimd } from "./wide-simd.js";

const wide = "--experimental-wasm-revectorize";

/** The flags of the engine that opening a device sets, and the width that it then has. */
async function opened(options: WasmOptions): Promise<{ flags: string[]; bits: number }> {
  const v8 = process.getBuiltinModule("node:v8");
  const set = mock.method(v8, "setFlagsFromString");
  try {
    using device = await openWasm({ threads: 1, ...options });
    return { flags: set.mock.calls.map(({ arguments: [flag] }) => flag), bits: device.simd.bits };
  } finally {
    set.mock.restore();
  }
}

test("without a choice the CPU tries the widest vectors, and leaves the flag on only if it uses them", {
  skip: wideSimd === "128" && "this engine has vectors of 128 bits only",
}, async () => {
  const { flags, bits } = await opened({});
  const about = flags.filter((flag) => flag.endsWith("wasm-revectorize"));
  assert.deepEqual(about, bits === 256 ? [wide] : [wide, "--no-experimental-wasm-revectorize"]);
});

test("128 bits leave the flag alone", async () => {
  const { flags, bits } = await opened({ simd: "128" });
  assert.equal(bits, 128);
  assert.ok(!flags.includes(wide), flags.join());
});
