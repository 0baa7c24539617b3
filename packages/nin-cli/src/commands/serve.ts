import { Command } from "commander";
import { isSynthetic } from "nin-net";
import { addDeviceOptions, type DeviceOptions, openRequested } from "../options/common-options.ts";
import { realNumber, wholeNumber } from "../options/values.ts";
import { openTrainedRun } from "../runs/trained-run.ts";
import { isLoopback, tokenPattern } from "../serve/guard.ts";
import { defaultLimits } from "../serve/limits.ts";
import type { Running } from "../serve/start.ts";
import { ExitStatus, UsageError } from "../terminal/exit-status.ts";
import { examples } from "../terminal/help.ts";
import { packageVersion } from "../terminal/invocation.ts";
import type { Output } from "../terminal/output.ts";
import { listenForStop } from "../terminal/stop-signal.ts";

interface ServeOptions extends DeviceOptions {
  readonly host: string;
  readonly port: number;
  readonly token?: string;
  readonly origin?: readonly string[];
  /** Megabytes. */
  readonly maxBody: number;
  readonly maxPixels: number;
  readonly maxImages: number;
  readonly maxRequests: number;
  readonly maxBatch: number;
  /** Seconds. */
  readonly timeout: number;
  /** Seconds. */
  readonly keepAlive: number;
  readonly json?: boolean;
}

/** `nin serve RUN`: the trained network as a small HTTP service. */
export function serveCommand(output: Output, finish: (status: ExitStatus) => void): Command {
  const { bodyBytes, pixels, images, requests, batchImages, seconds, keepAliveSeconds } = defaultLimits;
  const count = (option: string) => wholeNumber(option, { min: 1 });
  const command = new Command("serve")
    .description("Answer HTTP requests with a run's network: predict, explain, metrics.")
    .argument("<run>", "the run's folder, as nin train named it")
    .option("--host <name>", "name or address to listen on; others need --token", "127.0.0.1")
    .option("--port <n>", "0: any that is free", wholeNumber("--port", { min: 0, max: 65_535 }), 8080)
    .option("--token <text>", "what callers must send (default: $NIN_TOKEN)", (text) =>
      parseToken("--token", text),
    )
    .option(
      "--origin <url>",
      "let web pages of this origin call, as https://app.example; may be repeated",
      (text: string, before: readonly string[] = []) => [...before, parseOrigin(text)],
    )
    .option(
      "--max-body <mb>",
      "megabytes of a request",
      realNumber("--max-body", { min: 0, aboveMin: true, max: 1000 }),
      bodyBytes / 1e6,
    )
    .option("--max-pixels <n>", "pixels of a picture", count("--max-pixels"), pixels)
    .option("--max-images <n>", "images in a request", count("--max-images"), images)
    .option("--max-requests <n>", "requests at the same time", count("--max-requests"), requests)
    .option(
      "--max-batch <n>",
      "images that the network is given at once",
      wholeNumber("--max-batch", { min: 1, max: 1024 }),
      batchImages,
    )
    .option(
      "--timeout <seconds>",
      "time for an answer",
      realNumber("--timeout", { min: 0, aboveMin: true, max: 86_400 }),
      seconds,
    )
    .option(
      "--keep-alive <seconds>",
      "time that an idle connection stays open",
      realNumber("--keep-alive", { min: 0, aboveMin: true, max: 86_400 }),
      keepAliveSeconds,
    )
    .option("--json", "print where it listens as a JSON line");
  return addDeviceOptions(command)
    .addHelpText("after", examples("serve runs/first", "serve runs/first --port 0 --json"))
    .action(async (path: string, options: ServeOptions) => finish(await runServe(path, options, output)));
}

async function runServe(path: string, options: ServeOptions, output: Output): Promise<ExitStatus> {
  const { host, port } = options;
  const token = tokenOf(options);
  if (token === undefined && !isLoopback(host)) {
    throw new UsageError(
      `--host: got ${JSON.stringify(host)}, which other machines may reach, without --token${process.env.NIN_TOKEN === "" ? ", and $NIN_TOKEN is empty" : ""}. ` +
        "Give a token that callers must send, or leave --host out.",
    );
  }
  const { run, net, classes, image, preprocessing, preparation } = await openTrainedRun(path);
  const { dataset } = run.config.recipe;

  let service: Running | undefined;
  using stop = listenForStop(() => {
    const count = service?.requests ?? 0;
    const some = count === 1 ? "1 request is" : `${count} requests are`;
    const when = count === 0 ? "" : ` when ${some} answered; Ctrl-C again stops at once`;
    output.note(`Stopping${when}.`);
  });
  const { startService } = await import("../serve/start.ts"); // with all that it brings, for this command alone
  using device = await openRequested(options);
  service = await startService(net, {
    device,
    classes,
    image,
    preprocessing,
    preparation,
    limits: {
      bodyBytes: Math.floor(1e6 * options.maxBody),
      pixels: options.maxPixels,
      images: options.maxImages,
      requests: options.maxRequests,
      batchImages: options.maxBatch,
      seconds: options.timeout,
      keepAliveSeconds: options.keepAlive,
    },
    host,
    port,
    token,
    origins: options.origin ?? [],
    version: packageVersion(),
    onFault: (error) => output.error(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  });
  if (options.json) output.json({ kind: "listening", url: service.url, run: path, dataset });
  else output.result(`Serving ${path} on ${service.url}`);
  if (isSynthetic(dataset))
    output.warn("This network was trained on synthetic images, not on Fashion-MNIST.");
  output.note(`Paths: ${service.url}/openapi.json. Ctrl-C stops.`);
  await aborted(stop.signal);
  await service.close();
  if (options.json) output.json({ kind: "closed" });
  return ExitStatus.done;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

/** The option, or else what the environment says; an empty variable counts as unset. */
function tokenOf({ token }: ServeOptions): string | undefined {
  const fromEnvironment = process.env.NIN_TOKEN;
  return token ?? (fromEnvironment ? parseToken("$NIN_TOKEN", fromEnvironment) : undefined);
}

function parseToken(name: string, text: string): string {
  const token = text.replace(/[\r\n]+$/, ""); // secrets kept in files end in a line break
  if (tokenPattern.test(token)) return token;
  // The text itself is a secret, even a wrong one.
  const fault = token === "" ? "is empty" : `has ${faultIn(token)}`;
  throw new UsageError(
    `${name}: ${fault}, expected one or more of A-Z a-z 0-9 - . _ ~ + /, then = signs if any.`,
  );
}

/** As browsers send it: scheme, name and port, without a slash behind. */
function parseOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin = url !== undefined && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href;
  if (isOrigin) return url.origin;
  throw new UsageError(
    `--origin: got ${JSON.stringify(text)}, expected http or https, a name and a port if need be, such as https://app.example.`,
  );
}

/** Where a token goes wrong, without saying what stands there. */
function faultIn(token: string): string {
  const at = token.search(/[^\w.~+/-]/);
  return `${/\s/.test(token[at] ?? "") ? "white space" : "another character"} at position ${at + 1} of ${token.length}`;
}
