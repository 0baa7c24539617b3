import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from "node:child_process";
import { delimiter, dirname } from "node:path";

/** The environment for programs that a test starts: `node` is the one that runs the test. */
export function environment(): NodeJS.ProcessEnv {
  // What `npm test` tells its script about the checkout must not steer an npm elsewhere.
  const own = Object.entries(process.env).filter(
    ([name]) => !/^npm_(?:package|lifecycle|config_local_prefix)/.test(name),
  );
  const path = `${dirname(process.execPath)}${delimiter}${process.env.PATH}`;
  return { ...Object.fromEntries(own), PATH: path };
}

/** Runs npm in a folder. @returns what it printed */
export function npm(cwd: string, ...args: string[]): string {
  const options: ExecFileSyncOptionsWithStringEncoding = {
    cwd,
    env: environment(),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  };
  const cli = process.env.npm_execpath;
  if (cli !== undefined) return execFileSync(process.execPath, [cli, ...args], options);
  return execFileSync("npm", args, { ...options, shell: process.platform === "win32" });
}
