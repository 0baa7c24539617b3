/** Runs npm's own client: the registry, the proxy and the login are those that its user has configured. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { basename } from "node:path";

/** How a call of npm is made. */
export interface NpmCall {
  /** The folder it runs in, with a `package.json` of its own: npm would look for one further up. */
  readonly cwd: string;
  /** npm is given up after so long. */
  readonly seconds: number;
  /** Ends npm; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** One question or one package must not wait for the usual retries, of which each comes 10 seconds later. */
const always = [
  "--json",
  "--no-color",
  "--loglevel=error",
  "--fetch-retries=1",
  "--fetch-retry-mintimeout=500",
];

/**
 * Runs npm with constant words.
 *
 * @param words - letters, digits and `-=./@_` alone: on Windows they may pass through a shell
 * @throws Error that says in a sentence why npm could not be run, failed or was given up
 */
export async function runNpm(words: readonly string[], { cwd, seconds, signal }: NpmCall): Promise<void> {
  signal?.throwIfAborted();
  const strange = words.find((word) => !/^[\w@./=-]+$/.test(word));
  if (strange !== undefined) throw new Error(`npm is not given ${JSON.stringify(strange)}.`);
  const child = start([...words, ...always], cwd);
  let [stdout, stderr] = ["", ""];
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const status = await ended(child, { seconds, signal });
  if (status !== 0) throw new Error(reasonIn(stdout, stderr) ?? `npm ended with status ${status}.`);
}

/** By way of the npm that runs this program, if there is one, else the one on PATH. */
function start(words: readonly string[], cwd: string): ChildProcess {
  const options: SpawnOptions = {
    cwd,
    env: environment(),
    stdio: ["ignore", "pipe", "pipe"],
    windowsHide: true,
  };
  const running = process.env.npm_execpath;
  // pnpm and yarn set the variable too.
  if (running !== undefined && basename(running) === "npm-cli.js") {
    return spawn(process.execPath, [running, ...words], options);
  }
  // A batch file needs a shell.
  if (process.platform === "win32")
    return spawn(["npm.cmd", ...words].join(" "), { ...options, shell: true });
  return spawn("npm", words, options);
}

/** What an npm that started this program has told it of the program's package must not steer another one. */
function environment(): NodeJS.ProcessEnv {
  const steering = /^npm_(?:package_.*|lifecycle_.*|config_(?:local_prefix|prefix|global|workspaces?))$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !steering.test(name)));
}

/** @returns the exit status; null: a signal ended it */
async function ended(
  child: ChildProcess,
  { seconds, signal }: Pick<NpmCall, "seconds" | "signal">,
): Promise<number | null> {
  let timer: NodeJS.Timeout | undefined;
  let stop = (): void => {};
  try {
    return await new Promise((resolve, reject) => {
      const giveUp = (reason: unknown): void => {
        child.kill("SIGKILL");
        reject(reason);
      };
      stop = () => giveUp(signal!.reason);
      signal?.addEventListener("abort", stop);
      timer = setTimeout(
        () => giveUp(new Error(`npm was not done after ${seconds} seconds.`)),
        seconds * 1000,
      );
      child.on("close", resolve);
      child.on("error", (error: NodeJS.ErrnoException) => {
        const isMissing = error.code === "ENOENT";
        reject(new Error(isMissing ? "there is no npm on PATH." : `npm cannot be run (${error.code}).`));
      });
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
    // A program that wraps npm may have left npm itself running, with these in its hands.
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

/** What npm says of its failure: one sentence of its JSON, else a line of its own; no passwords of registries and proxies. */
function reasonIn(stdout: string, stderr: string): string | undefined {
  const lines = stderr.trim().split("\n");
  const line = lines.find((each) => /^\w*Error: /.test(each)) ?? lines.at(-1)!;
  const text = summaryIn(stdout) ?? line.replace(/^npm (?:error|ERR!) /, "");
  const reason = text
    .replace(/^\w*Error: /, "")
    .replace(/\/\/[^@/\s]*@/g, "//")
    .trim();
  return reason === "" ? undefined : reason.replace(/\.?$/, ".");
}

function summaryIn(stdout: string): string | undefined {
  try {
    const { error } = JSON.parse(stdout) as { readonly error?: { readonly summary?: unknown } };
    return typeof error?.summary === "string" ? error.summary.split("\n")[0] : undefined;
  } catch {
    return undefined;
  }
}
