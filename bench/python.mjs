// Pythons that have PyTorch.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The PyTorch that npm run bench:install brings. */
export const torchVersion = "2.13.0";

/** The Python of the virtual environment that npm run bench:install makes. */
export const currentPython = fileURLToPath(
  new URL(process.platform === "win32" ? "python/Scripts/python.exe" : "python/bin/python", import.meta.url),
);

export const noPython =
  "no Python with PyTorch was found; npm run bench:install brings one, Debian has another as python3-torch, or name one with --python";

/** The version of a Python's PyTorch, without what it was built with, e.g. `2.13.0`; undefined: it has none. */
export function pythonVersionOf(path) {
  const { status, stdout } = spawnSync(path, ["-c", "import torch; print(torch.__version__)"], {
    encoding: "utf8",
  });
  return status === 0 ? /^\d+\.\d+(\.\d+)?/.exec(stdout.trim())?.[0] : undefined;
}

/**
 * Every PyTorch that is here, each version once; of the Python that was asked for alone, if any.
 *
 * @returns the Pythons' paths and what to call their PyTorch, e.g. `PyTorch 2.13`
 */
export function pythonsWithTorch(asked) {
  const found = new Map();
  for (const path of asked ? [asked] : [currentPython, "python3", "/usr/bin/python3"]) {
    const version = pythonVersionOf(path);
    const name = version && `PyTorch ${version.split(".").slice(0, 2).join(".")}`;
    if (name && !found.has(name)) found.set(name, { path, name });
  }
  return [...found.values()];
}

/**
 * A Python that has PyTorch, the one that was asked for if any.
 *
 * @param check - what it must be able to run
 */
export function pythonWithTorch(asked, check = "import torch") {
  const hasTorch = (path) => spawnSync(path, ["-c", check]).status === 0;
  return (asked ? [asked] : ["python3", "/usr/bin/python3", currentPython]).find(hasTorch);
}
