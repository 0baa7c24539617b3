// How the tutorial's network may begin: those changes of its recipe that alter what the first weights do to images.
import { mends } from "./mends.mjs";

const normalized = mends["normalized inputs"];

/** By name, as in mends.mjs; its order is that of the plots. */
export const starts = {
  tutorial: {},
  "normalized inputs": normalized,
  "He initialization": mends["He initialization"],
  "identity 1x1 (dirac)": mends["identity 1x1 (dirac)"],
  "data-dependent initialization": { ...normalized, netOptions: { init: "data" } },
  "group norm": mends["group norm"],
  "batch norm": mends["batch norm"],
  "batch norm + He + normalized": { ...normalized, netOptions: { norm: "batch", init: "he" } },
};
