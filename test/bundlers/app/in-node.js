import { trainTwoSteps } from "./train.js";

trainTwoSteps({ threads: 2, simd: process.argv[2] ?? "128" }).then(
  (trained) => console.log(JSON.stringify(trained)),
  ({ name, message }) => {
    console.error(`${name}: ${message}`);
    process.exitCode = 1;
  },
);
