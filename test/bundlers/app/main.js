import { trainTwoSteps } from "./train.js";

trainTwoSteps(globalThis.crossOriginIsolated ? { threads: 2 } : {}).then(
  (trained) => {
    globalThis.outcome = { trained };
  },
  ({ name, message }) => {
    globalThis.outcome = { error: { name, message } };
  },
);
