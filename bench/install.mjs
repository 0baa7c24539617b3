// npm run bench:install: what the benchmark compares nin-net with, into bench/.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { currentPython, pythonVersionOf, torchVersion } from "./python.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));

/** @returns whether it ended well; what it prints goes to the terminal */
function ran(program, args) {
  return spawnSync(program, args, { stdio: "inherit" }).status === 0;
}

const npm = ["ci", "--prefix", here, "--ignore-scripts", "--no-audit", "--no-fund"];
const hasPackages = ran(process.platform === "win32" ? "npm.cmd" : "npm", npm);
if (!hasPackages) process.exitCode = 1;

if (pythonVersionOf(currentPython) !== torchVersion) {
  const system = ["python3", "/usr/bin/python3"].find((path) => ran(path, ["-c", "import ensurepip, venv"]));
  // Wheels of PyTorch's own index are built without CUDA, which only a GPU needs and which is several GB. Where that
  // index cannot be reached, pip says so and takes PyPI's.
  const pip = [
    ...["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1"],
    ...["--extra-index-url", "https://download.pytorch.org/whl/cpu", `torch==${torchVersion}`],
  ];
  const folder = fileURLToPath(new URL("python", import.meta.url));
  const isThere =
    system !== undefined && ran(system, ["-m", "venv", "--clear", folder]) && ran(currentPython, pip);
  if (!isThere) {
    rmSync(folder, { recursive: true, force: true });
    const why = system === undefined ? "no python3 with the module venv was found" : "see above";
    console.error(
      `PyTorch ${torchVersion} could not be installed (${why}); npm run bench measures without it. ` +
        "Install Python with venv and pip, or name a Python that has PyTorch with npm run bench -- --python.",
    );
    process.exitCode = 1;
  }
}
if (process.exitCode !== 1) console.log(`Ready: npm run bench measures beside PyTorch ${torchVersion} too.`);
