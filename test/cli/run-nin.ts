import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** A copy of the package to run instead of this one. */
  readonly root?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Sent once stderr or stdout has this text. */
  readonly signalAt?: { readonly text: string; readonly signal: NodeJS.Signals };
}

/** Runs `node bin/nin.js` as a person would, with pipes instead of a terminal. */
export function runNin(
  args: readonly string[],
  { root, env = {}, signalAt }: RunOptions = {},
): Promise<Ended> {
  const child = spawn(process.execPath, ["bin/nin.js", ...args], {
    // Colours, a screen width or a debugger of whoever runs the tests must not change what is compared.
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  let isSignalled = false;
  const check = () => {
    if (!signalAt || isSignalled || !`${stdout}${stderr}`.includes(signalAt.text)) return;
    isSignalled = true;
    child.kill(signalAt.signal);
  };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    check();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    check();
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}

/** An empty folder that is gone after the test. */
export function temporaryFolder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "nin-test-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Sends npm to a port where nobody listens. */
export const noNpm = { npm_config_registry: "http://127.0.0.1:9/", npm_config_noproxy: "127.0.0.1" };

/** Preloaded into a child, it makes every download fail at once. */
export const offline = {
  ...noNpm,
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent('globalThis.fetch = () => Promise.reject(new TypeError("no network"));')}`,
};
