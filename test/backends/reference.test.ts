import { openReference } from "#src/backends/reference/device.js";
import { conformance } from "./conformance.js";

conformance("reference", openReference);
