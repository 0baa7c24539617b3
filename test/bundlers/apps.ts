/** Small apps that import the packed library, in folders that know nothing of the checkout. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { environment } from "../project/npm.js";
import { PackedPackage } from "../project/packed-package.js";
import { root } from "../project/sources.js";

/** Set by scripts/test-bundlers.mjs: also what the first list of package.json does not hold. */
export const wantsAll = process.env.NIN_ALL_BUNDLERS === "1";

const tools = join(root, "test", "bundlers", "node_modules");
const sources = join(root, "test", "bundlers", "app");

/** The script of an installed tool, e.g. `vite8/bin/vite.js`. */
export const tool = (path: string): string => join(tools, path);

/** Where the packed library is installed once, and copied to for each app. */
export class Apps implements Disposable {
  readonly #scratch = mkdtempSync(join(tmpdir(), "nin-bundlers-"));
  readonly library = new PackedPackage("nin-net", this.#scratch);

  constructor() {
    this.library.pack();
    this.library.install();
    cpSync(sources, this.library.app, { recursive: true });
    // Above the apps, so that their configurations find plugins.
    symlinkSync(tools, join(this.#scratch, "node_modules"));
  }

  /**
   * @param files - besides those of app/
   * @returns an app's folder
   */
  create(name: string, files: Readonly<Record<string, string>> = {}): string {
    const folder = join(this.#scratch, name.replaceAll(/[^\w.]+/g, "-"));
    cpSync(this.library.app, folder, { recursive: true });
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
    return folder;
  }

  [Symbol.dispose](): void {
    rmSync(this.#scratch, { recursive: true, force: true });
  }
}

/** The longest build took three minutes on two busy cores. */
const limitMs = 600_000;

/**
 * Runs a program to its end.
 *
 * @throws Error with all that it said if it fails, or does not end in ten minutes
 * @returns what it printed
 */
export function run(cwd: string, program: string, ...args: readonly string[]): string {
  return runWith({}, cwd, program, ...args);
}

/** As {@link run}, with variables of the environment besides the test's own. */
export function runWith(
  env: Readonly<Record<string, string>>,
  cwd: string,
  program: string,
  ...args: readonly string[]
): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    env: { ...environment(), ...env },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 1 << 28,
    timeout: limitMs,
    killSignal: "SIGKILL",
  });
  if (status === 0) return stdout;
  const what = [program, ...args].join(" ");
  throw new Error(`${what}: ${error?.message ?? `status ${status}`}\n${stdout}${stderr}`);
}

/** Runs a tool's script with this Node. */
export const runTool = (cwd: string, path: string, ...args: readonly string[]): string =>
  run(cwd, process.execPath, tool(path), ...args);

/**
 * Starts a tool that serves pages, and waits until it says so.
 *
 * @throws Error with all that it said if it ends instead, or does not say so in ten minutes
 */
export async function startTool(
  cwd: string,
  ready: RegExp,
  env: Readonly<Record<string, string>>,
  path: string,
  ...args: readonly string[]
): Promise<ChildProcess> {
  const child = spawn(process.execPath, [tool(path), ...args], {
    cwd,
    env: { ...environment(), ...env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const what = `${path} ${args.join(" ")}`;
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve, reject) => {
    timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`${what} serves nothing after ${limitMs / 1000} s:\n${said}`));
    }, limitMs);
    const listen = (text: string) => {
      said += text;
      if (ready.test(said)) resolve();
    };
    child.stdout.setEncoding("utf8").on("data", listen);
    child.stderr.setEncoding("utf8").on("data", listen);
    child.on("error", reject);
    child.on("close", () => reject(new Error(`${what} ended:\n${said}`)));
  }).finally(() => clearTimeout(timer));
  return child;
}
