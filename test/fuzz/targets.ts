import { archiveTargets } from "./archive-targets.js";
import { cifarTargets } from "./cifar-targets.js";
import type { FuzzTarget } from "./fuzz-target.js";
import { gzipTargets } from "./gzip-targets.js";
import { idxTargets } from "./idx-targets.js";
import { numberArrayTargets } from "./number-array-targets.js";
import { runTargets } from "./run-targets.js";
import { safetensorsTargets } from "./safetensors-targets.js";
import { torchTargets } from "./torch-targets.js";

/** Every reader of files that come from elsewhere. */
export const targets: readonly FuzzTarget[] = [
  idxTargets,
  cifarTargets,
  archiveTargets,
  gzipTargets,
  numberArrayTargets,
  safetensorsTargets,
  runTargets,
  torchTargets,
].flat();
