import { openWasm } from "#nin-net/backends/wasm/device.js";
import { conformance } from "./conformance.js";
import { wideSimd } from "./wide-simd.js";

conformance("wasm, 1 thread, 128 bits", () => openWasm({ threads: 1, simd: "128" }));
// Asked for, not left to a measurement, which a busy machine may decide otherwise.
conformance("wasm, 3 threads, widest", () => openWasm({ threads: 3, simd: wideSimd }));
