// How the tutorial's network may begin: those changes of its recipe that alter what the first weights do to images.
import { changes } from "./changes.mjs";

const { tutorial } = changes;

const normalized = tutorial["normalized inputs"];

/** By name, as in changes.mjs; its order is that of the plots. */
export const starts = {
  tutorial: {},
  "normalized inputs": normalized,
  "He initialization": tutorial["He initialization"],
  "identity 1x1 (dirac)": tutorial["identity 1x1 (dirac)"],
  "data-dependent initialization": tutorial["data-dependent initialization"],
  "group norm": tutorial["group norm"],
  "batch norm": tutorial["batch norm"],
  "batch norm + He + normalized": { ...normalized, netOptions: { norm: "batch", init: "he" } },
};
