import { openWasm } from "#src/backends/wasm/device.js";
import { conformance } from "./conformance.js";

conformance("wasm, 1 thread", () => openWasm({ threads: 1, simd: "128" }));
conformance("wasm, 3 threads", () => openWasm({ threads: 3, simd: "auto" }));
