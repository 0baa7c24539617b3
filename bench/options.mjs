// The command line of the benchmark.
import { parseArgs } from "node:util";

const help = `Usage: npm run bench -- [options]

Measures nin-net and its peers in one interleaved run and prints one table. A full run also
writes docs/performance.json and the table in docs/performance.md.

Options:
  --batch <n>      images a step (default: 128)
  --threads <n>    threads for everyone (default: 2)
  --rounds <n>     measurements of each, after a warm-up (default: 5)
  --only <words>   contestants whose name has one of these words, e.g. "training: nin-net,onnxruntime"
  --quick          two rounds, without what takes minutes; writes nothing
  --node <path>    another Node to run nin-net on (default: the one outside npm scripts)
  --python <path>  the only Python whose PyTorch is measured (default: that of bench:install,
                   python3 and /usr/bin/python3, each version once)
  --help           print this help

Peers are installed by npm run bench:install, a current PyTorch among them; an older one is taken
from the system too, where it has one (Debian: python3-torch).`;

/** @throws if an option is unknown or is no whole number where one is expected */
export function readCommandLine(args) {
  const text = { type: "string" };
  const { values } = parseArgs({
    args,
    options: {
      batch: text,
      threads: text,
      rounds: text,
      only: text,
      quick: { type: "boolean" },
      node: text,
      python: text,
      help: { type: "boolean" },
    },
  });
  const quick = values.quick === true;
  const whole = (name, fallback) => wholeNumber(name, values[name] ?? fallback);
  return {
    help: values.help ? help : undefined,
    quick,
    batch: whole("batch", 128),
    threads: whole("threads", 2),
    rounds: whole("rounds", quick ? 2 : 5),
    only: values.only?.split(",").map((word) => word.trim()),
    node: values.node,
    python: values.python,
  };
}

/** @throws if the value is no whole number from 1 up */
export function wholeNumber(name, value) {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new Error(`--${name}: got "${value}", expected a whole number from 1 up.`);
}
