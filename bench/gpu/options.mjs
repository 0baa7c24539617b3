// The command line of the benchmark on the GPU.
import { parseArgs } from "node:util";
import { wholeNumber } from "../options.mjs";

const help = `Usage: node bench/gpu.mjs [options]

Measures nin-net's training step on the GPU beside PyTorch's on the same GPU, in interleaved
rounds, and every kernel of the step by the GPU's own clock. Without a GPU it prints what the
kernels should need, and says that nothing was measured.

Options:
  --batch <n,n>        images a step (default: 128,512); kernels are listed for the first
  --precision <p,p>    f32, f16 or both: how nin-net keeps activations (default: f32,f16)
  --rounds <n>         measurements of each, after a warm-up (default: 5)
  --recipe             train the tutorial's ten epochs on Fashion-MNIST too
  --write              put the report into docs/gpu-performance.md
  --python <path>      a Python that has PyTorch for CUDA (default: python3, then /usr/bin/python3)
  --quick              a rehearsal in tiny sizes: PyTorch on the CPU, and with NIN_SOFTWARE_GPU=1
                       a software GPU; its figures mean nothing, and it writes nothing
  --help               print this help

Examples:
  node bench/gpu.mjs --recipe --write
  node bench/gpu.mjs --batch 128 --precision f32`;

const precisionNames = ["f32", "f16"];

/** What makes a rehearsal small. */
const quickly = {
  ...{ resize: 67, seconds: 0, warmUps: 0, pytorchDevice: "cpu" },
  profile: { rounds: 1, warmUpSeconds: 0 },
  recipe: ["--device", "cpu", "--dataset", "drawn", "--epochs", "1", "--limit", "8", "--resize", "67"],
};
const fully = {
  ...{ resize: 224, seconds: 1, warmUps: 2, pytorchDevice: "cuda" },
  profile: { rounds: 5, warmUpSeconds: 2 },
  recipe: ["--device", "gpu", "--preset", "tutorial"],
};

/** @throws if an option is unknown or its value is none that it takes */
export function readCommandLine(args) {
  const text = { type: "string" };
  const flag = { type: "boolean", default: false };
  const { values } = parseArgs({
    args,
    options: {
      ...{ batch: text, precision: text, rounds: text, python: text },
      ...{ recipe: flag, write: flag, quick: flag, help: flag },
    },
  });
  const { quick } = values;
  if (quick && values.write) throw new Error("--write: a --quick run measures nothing worth keeping.");
  return {
    ...(quick ? quickly : fully),
    help: values.help ? help : undefined,
    quick,
    batches: listOf(values.batch ?? (quick ? "2" : "128,512"), (word) => wholeNumber("batch", word)),
    precisions: listOf(values.precision ?? "f32,f16", precision),
    rounds: wholeNumber("rounds", values.rounds ?? (quick ? 1 : 5)),
    withRecipe: values.recipe,
    write: values.write,
    python: values.python,
  };
}

function listOf(words, parse) {
  return [...new Set(words.split(",").map((word) => parse(word.trim())))];
}

function precision(word) {
  if (precisionNames.includes(word)) return word;
  throw new Error(`--precision: got "${word}", expected f32, f16 or f32,f16.`);
}
